package rewrite

import (
	"slices"
	"testing"
)

func TestNameStrength(t *testing.T) {
	t.Parallel()
	customers := namesOf("legacy", &Own{Columns: []string{"customer_no"}}, "crm_customers")
	kunden := namesOf("erp", &Own{Columns: []string{"id"}}, "Kunden")
	contacts := namesOf("sf_contacts", &Own{Columns: []string{"Id"}}, "Contact")
	companies := namesOf("crm", &Own{Columns: []string{"id"}}, "companies")
	file := namesOf("legacy", nil, "")
	tests := []struct {
		column string
		of     names
		want   nameStrength
	}{
		{"customer_id", customers, ownName},
		{"CUSTOMER_ID", customers, ownName},
		{"CustomerID", customers, ownName},
		{"customerid", customers, ownName},
		{"cust_no", customers, ownName},
		{"custNo", customers, ownName},
		{"fk_customer", customers, ownName},
		{"billing_customer_no", customers, ownName},
		{"customer", customers, ownName},
		{"customer_no", customers, ownName},
		{"customer_id_old", customers, ownName},
		{"customer_name", customers, noName},
		{"customer_group_id", customers, noName},
		{"customers_count", customers, noName},
		{"custom_field", customers, noName},
		{"legacy_id", customers, weakName},
		{"client_code", customers, weakName},
		{"quantity", customers, noName},
		{"kunde_nr", kunden, ownName},
		{"KundenNr", kunden, ownName},
		{"kundennummer", kunden, ownName},
		{"customer_id", kunden, weakName},
		{"contactId", contacts, ownName},
		{"ContactId", contacts, ownName},
		{"primary_contact__c", contacts, ownName},
		{"contact_email", contacts, noName},
		{"company_id", companies, ownName},
		{"客户编号", namesOf("a", &Own{Columns: []string{"id"}}, "客户"), ownName},
		{"客户编号", customers, weakName},
		{"客户名称", customers, noName},
		{"legacy_no", file, weakName},
		{"id", customers, noName},
		{"", customers, noName},
	}
	for _, tt := range tests {
		if got := tt.of.strength(tt.column); got != tt.want {
			t.Errorf("%q: got %d, want %d", tt.column, got, tt.want)
		}
	}
}

func TestTellsTypeOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, of string
		want     bool
	}{
		{"object_type", "object_id", true},
		{"ParentType", "ParentId", true},
		{"parent_module", "parent_id", true},
		{"related_to_type", "related_to", true},
		{"entity", "entity_id", true},
		{"type", "record_id", true},
		{"object_type", "customer_id", false},
		{"object_id", "object_type", false},
		{"status", "status_id", true},
		{"status", "id", false},
		{"name", "name", false},
	}
	for _, tt := range tests {
		if got := tellsTypeOf(tt.name, tt.of); got != tt.want {
			t.Errorf("%q of %q: got %t, want %t", tt.name, tt.of, got, tt.want)
		}
	}
}

func TestWordsOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		want []string
	}{
		{"order_customerNo", []string{"order", "customer", "no"}},
		{"IDCard", []string{"id", "card"}},
		{"Kunden-Nr.", []string{"kunden", "nr"}},
		{"客户编号", []string{"客户编号"}},
		{"a1b2", []string{"a", "b"}},
		{"__", nil},
	}
	for _, tt := range tests {
		if got := wordsOf(tt.name); !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
