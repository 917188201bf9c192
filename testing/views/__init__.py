"""The pages of testing: the office's board and register, the agency's desk, the unit's results."""
