from . import charge_waive
from . import invoicing_preview
