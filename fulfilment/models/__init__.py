from fulfilment.models.tasks import Happening, Target, Task

__all__ = ["Happening", "Target", "Task"]
