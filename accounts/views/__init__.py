"""The account pages: coming in, the second factor, one's own account, the people of a unit."""
