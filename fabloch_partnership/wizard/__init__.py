from . import convention_terminate
from . import convention_sign
