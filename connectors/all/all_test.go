package all

import "testing"

// TestSettingsAreDocumented: help, completion and the checks of xwalk.yaml
// come from the tags of each Config.
func TestSettingsAreDocumented(t *testing.T) {
	t.Parallel()
	for name, spec := range Registry() {
		if spec.Name != name || spec.Summary == "" || spec.Open == nil {
			t.Errorf("%s: incomplete spec %+v", name, spec)
		}
		for _, s := range spec.Settings() {
			if s.Key == "" || s.Doc == "" {
				t.Errorf("%s: a setting without a key or a text: %+v", name, s)
			}
		}
	}
}
