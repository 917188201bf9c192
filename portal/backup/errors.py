"""Why a backup cannot be made or used; said to whoever gave the command. Pure."""


class BackupError(Exception):
    """Nothing was changed. The text says what is wrong and, where there is one, the way out."""
