from . import mandate_on
