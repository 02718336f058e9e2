from . import portal_convention
