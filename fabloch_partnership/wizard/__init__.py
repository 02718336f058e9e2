from . import convention_terminate
