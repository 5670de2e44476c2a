package whatsapp_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/okno-hq/okno/internal/standin/standintest"
	"github.com/okno-hq/okno/internal/standin/whatsapp"
)

// TestMetaExamples sends every example that Meta's specification gives for
// POST messages. All must be taken as well-formed, except those that describe
// Indian payments or break their own limits.
func TestMetaExamples(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(standintest.Specs(t, "whatsapp", whatsapp.SpecFile), whatsapp.SpecFile))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]struct {
			Post struct {
				RequestBody struct {
					Content map[string]struct {
						Examples map[string]struct{ Value map[string]any }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	refused := map[string]bool{
		"Send Order Details Message": true, "Send Order Status Message": true, // payments in India
		"Send Multi-Product Message":            true, // a placeholder where the header's type belongs
		"Send Catalog Template Message":         true, // sub_type in capitals
		"Send Sample Issue Resolution Template": true, // booleans as texts
		"Send Reply to List Message":            true, // no type
	}
	examples := doc.Paths["/{Version}/{Phone-Number-ID}/messages"].Post.RequestBody.Content["application/json"].Examples
	if len(examples) < 40 {
		t.Fatalf("only %d examples", len(examples))
	}
	s, _ := start(t, nil)
	for name, example := range examples {
		t.Run(name, func(t *testing.T) {
			value := example.Value
			if _, ok := value["to"]; ok {
				value["to"] = "79005556677"
			}
			// Placeholders with outer signs stay within the limits of titles.
			shorten(value)
			_, answer := call(t, s, "POST", s.Config().PhoneNumberID+"/messages", value)
			malformed := code(answer) == 100
			if malformed != refused[name] {
				t.Errorf("answer %v", answer)
			}
		})
	}
}

// shorten cuts placeholders such as <SECTION_1_ROW_1_DESC> to 20 characters
// keeping them distinct.
func shorten(v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if s, ok := x.(string); ok && strings.HasPrefix(s, "<") && len(s) > 20 {
				v[k] = s[len(s)-20:]
			}
			shorten(x)
		}
	case []any:
		for _, x := range v {
			shorten(x)
		}
	}
}

func TestSpecificationMissing(t *testing.T) {
	if _, err := whatsapp.New(whatsapp.Config{Specs: t.TempDir()}); err == nil {
		t.Fatal("a stand-in without its specification started")
	}
}
