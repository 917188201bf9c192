"""The award, what follows from what is announced, and the archive. One transaction per act."""
