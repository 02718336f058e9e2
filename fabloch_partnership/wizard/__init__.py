from . import (
    convention_sign,
    convention_terminate,
    donation_cancel,
    donation_promise,
    donation_receive,
    donation_split,
    envelope_statement,
    mandate_on,
    tax_receipt_cancel,
    tax_receipt_issue,
    tax_receipt_merge,
    year_end_receipts,
)
