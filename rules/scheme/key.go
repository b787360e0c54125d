package scheme

// KeyRule says how a source ID becomes its key, the form in which it is
// compared byte for byte. The zero value is the default of DESIGN: invisible
// characters dropped, outer space trimmed, full-width letters and digits and
// dash variants folded, NFC, case kept.
type KeyRule struct {
	Case  string `yaml:"case"`  // "" or exact | upper | lower (ASCII letters only)
	Space string `yaml:"space"` // "" or trim | exact
	Width string `yaml:"width"` // "" or fold | exact
}
