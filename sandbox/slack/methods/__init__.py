"""The Web API methods a desk bot uses, each with its tier, scopes and documented errors."""
