"""Mercado Libre: questions before a sale, messages after it, and claims."""
