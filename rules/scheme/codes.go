package scheme

// Codes are the code lists that {code:NAME} can name: list name -> members.
// The lists that are built in need not be in it.
type Codes map[string][]string
