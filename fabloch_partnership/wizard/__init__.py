from . import convention_sign
