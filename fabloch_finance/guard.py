"""Fields that only the engine sets, or that are locked: what a model that has some needs to keep callers from them."""


def without_defaults(records, names):
    """Return `records` without the context's defaults of the fields `names`: a default is a value like any other."""
    forbidden = {f"default_{name}" for name in names}
    if records.env.su or forbidden.isdisjoint(records.env.context):
        return records
    kept = {key: value for key, value in records.env.context.items() if key not in forbidden}
    # Taking defaults away is the very purpose.
    return records.with_context(kept)  # pylint: disable=context-overridden


def would_change(record, name, value):
    """Return whether `value`, rounded as Odoo stores it, isn't what the field `name` of `record` holds already."""
    field = record._fields[name]
    try:
        return field.convert_to_cache(value, record) != field.convert_to_cache(record[name], record)
    except (TypeError, ValueError):  # no value of its kind
        return True
