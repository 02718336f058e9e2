from . import convention_terminate
from . import convention_sign
from . import (
    donation_cancel,
    donation_promise,
    donation_receive,
    donation_split,
)
from . import tax_receipt_cancel
from . import tax_receipt_issue
from . import tax_receipt_merge
from . import envelope_statement
from . import mandate_on
