from . import tax_receipt_cancel
from . import tax_receipt_issue
from . import tax_receipt_merge
