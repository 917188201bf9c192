"""The pages of recommenders and of the office's part in the recommendation."""
