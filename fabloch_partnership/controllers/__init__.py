from . import portal_convention, portal_receipt
