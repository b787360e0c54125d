package discover

import (
	"strings"
	"testing"
)

// TestHeaderRole reads headers as systems of several languages write them.
func TestHeaderRole(t *testing.T) {
	t.Parallel()
	for role, headers := range map[string]string{
		"name":         "Name|Full Name|full_name|客户姓名|姓名|会员姓名|真实姓名|Customer Name|Site name|Nom complet|Vollername",
		"given_name":   "First Name|FirstName|first_name| given_name |Vorname|prénom|Nombre|名",
		"family_name":  "surname|Last Name|LASTNAME|Nachname|Apellidos|姓|nom de famille",
		"company":      "Company|Organisation|公司|公司名称|Firma|Raison sociale|Account Name",
		"email":        "E-mail|EMAIL|Email Address|邮箱|电子邮箱|Primary E-Mail|E-Mail-Adresse|Correo electrónico|联系邮箱",
		"phone":        "Phone|手机|手机号码|电话|固定电话|MobilePhone|Telefon|Téléphone portable|Phone 2|Home Phone|联系电话",
		"birth_date":   "dob|Date of birth|date_of_birth|出生日期|生日|Geburtsdatum|Fecha de nacimiento",
		"tax_id":       "Tax ID|VAT number|统一社会信用代码|税号|USt-IdNr|SIRET|CIF",
		"national_id":  "身份证号|证件号码|soc_sec_id|SSN|National ID|DNI|身份证号码",
		"address":      "Address|address_1|MailingStreet|通讯地址|地址|Straße|Dirección|Adresse",
		"city":         "City|suburb|MailingCity|城市|Ort|Ville",
		"region":       "State|Province|省|Bundesland",
		"postal_code":  "Zip|postcode|邮编|PLZ|code postal|邮政编码",
		"country":      "Country|国家|Land|Pays",
		"modified":     "updated_at|LastModifiedDate|更新时间|Last contact|Geändert am",
		"created":      "created_at|注册时间|登记时间|CreatedDate|Member since|开户日期",
		"deleted":      "IsDeleted|deleted_at|是否删除",
		"merged_into":  "merged_into|MasterRecordId|合并到",
		"canonical_id": "canonical_id|golden_id",
		"":             "gender|notes|Fax|传真|email_opt_in|phone_type|Owner Email|cluster|True Id|负责人手机|verified_phone|total|性别|备注",
	} {
		for header := range strings.SplitSeq(headers, "|") {
			if got := headerRole(header); got != role {
				t.Errorf("headerRole(%q) = %q, want %q", header, got, role)
			}
		}
	}
}

func TestIDRank(t *testing.T) {
	t.Parallel()
	for rank, headers := range map[int]string{
		idSurely: "id|Id|客户编号|会员号|用户编号|Kundennummer|customer_no|Customer No.|rec_id|unique_id|MemberID|N° client|Kunden-Nr.|Customer",
		idWeak:   "no|编号|Code|Ref|序号|guid",
		idEndsSo: "order_no|档案编码|SubscriberKey|IDHS Provider ID",
		idFormer: "old_no|原客户号|external_id|legacy number|上级编号",
		idNone:   "name|cluster|True Id|email|备注|valid",
	} {
		for header := range strings.SplitSeq(headers, "|") {
			if got := idRank(header); got != rank {
				t.Errorf("idRank(%q) = %d, want %d", header, got, rank)
			}
		}
	}
}

// TestDictionary holds every word to the form in which headers are looked up.
func TestDictionary(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for role, words := range dictionary {
		for w := range strings.FieldsSeq(words) {
			if plain := plainHeader(w); plain != w {
				t.Errorf("%s: %q is looked up as %q", role, w, plain)
			}
			if other, dup := seen[w]; dup && other != role {
				t.Errorf("%q is both %s and %s", w, role, other)
			}
			seen[w] = role
		}
	}
	for _, set := range []map[string]bool{idHeaders(), weakIDHeaders(), truthHeaders(), branchHeaders()} {
		for w := range set {
			if plain := plainHeader(w); plain != w {
				t.Errorf("%q is looked up as %q", w, plain)
			}
		}
	}
}
