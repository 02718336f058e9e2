from . import account_move_reversal
from . import charge_waive
from . import invoicing_preview
from . import payment_pause
from . import payment_remind
from . import budget_fill
