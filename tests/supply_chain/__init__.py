"""What the desk is made of: licences, known holes, bill of materials."""
