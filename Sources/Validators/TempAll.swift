import Components
public let allValidators: [any Validator.Type] = []
