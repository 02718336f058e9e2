from . import account_move_reversal
from . import charge_waive
from . import invoicing_preview
from . import budget_fill
