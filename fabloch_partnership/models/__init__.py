from . import (
    convention_type,
    convention,
    convention_status,
    convention_commitment,
    convention_instalment,
    donation,
    tax_receipt,
    res_company,
    res_partner_donor,
)
