package discover

import (
	"strings"
	"sync"
	"unicode"

	"github.com/xwalk-id/xwalk/rules/normalize"
)

// plainHeader is a header as the dictionary writes it: letters and digits
// only, lower case, narrow, without accents' or separators' influence.
func plainHeader(header string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case accents[r] != 0:
			return accents[r]
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return r
		}
		return -1
	}, normalize.Text(header))
}

var accents = map[rune]rune{
	'á': 'a', 'à': 'a', 'â': 'a', 'ä': 'a', 'ã': 'a', 'ç': 'c', 'é': 'e', 'è': 'e', 'ê': 'e', 'ë': 'e', 'í': 'i', 'ì': 'i', 'î': 'i',
	'ñ': 'n', 'ó': 'o', 'ò': 'o', 'ô': 'o', 'ö': 'o', 'õ': 'o', 'ú': 'u', 'ù': 'u', 'û': 'u', 'ü': 'u', 'ß': 's', 'º': 'o', 'ª': 'a', '№': 'n',
}

// dictionary holds the headers by which a role is known, written as
// [plainHeader] does: English, Chinese, and what is common in German, French
// and Spanish systems.
var dictionary = map[string]string{
	"name": `name fullname displayname customername clientname contactname personname membername username realname nameofcustomer
		firstandsurname completename nom nomcomplet nombrecompleto nombreyapellidos kundenname vollername
		姓名 客户姓名 客户名称 会员姓名 用户姓名 联系人 联系人姓名 真实姓名 名称 名字 顾客姓名 持卡人姓名 收件人 收货人 寄件人 户名 氏名`,
	"given_name": `givenname firstname forename fname first christianname prenom vorname nombre nombredepila given 名 givennames 名first`,
	"family_name": `familyname lastname surname lname last secondname nachname familienname zuname nomdefamille apellido apellidos family
		姓 姓氏`,
	"company": `company companyname organisation organization organisationname organizationname business businessname employer firm firma
		firmenname unternehmen societe entreprise raisonsociale empresa razonsocial accountname legalname tradingname agency
		公司 公司名称 企业 企业名称 单位 单位名称 工作单位 机构名称 所属公司 商户名称 店铺名称 会社名`,
	"email": `email emailaddress mail mailaddress emails mails contactemail primaryemail workemail homeemail personalemail emailid
		electronicmail eaddress courriel adresseemail adressemail correo correoelectronico emailadresse mailadresse
		邮箱 电子邮箱 电子邮件 邮件 邮箱地址 电子邮件地址 邮件地址 メールアドレス`,
	"phone": `phone phonenumber phoneno telephone telephonenumber tel telno mobile mobilephone mobilenumber mobileno cell cellphone
		cellnumber homephone workphone businessphone daytimephone otherphone contactnumber contactphone landline msisdn phonehome
		phonework phonemobile telefon telefonnummer telefonnr handy handynummer mobil mobiltelefon mobilnummer festnetz rufnummer
		telephoneportable portable telephonefixe mobileportable telefono telefonomovil movil celular telefonofijo
		手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 固定电话 座机 移动电话 办公电话 家庭电话 联系手机 手机电话 電話番号`,
	"birth_date": `birthdate dateofbirth dob birthday borndate born birth geburtsdatum geburtstag gebdatum datedenaissance naissance
		fechadenacimiento fechanacimiento nacimiento 出生日期 生日 出生年月 出生年月日 出生时间 生年月日`,
	"tax_id": `taxid taxidentifier taxno taxnumber taxcode taxpayerid vat vatid vatno vatnumber vatregno vatregistrationnumber ein tin abn gstin
		ustid ustidnr umsatzsteuerid steuernummer steuernr siret siren numerotva numtva tva nif cif nifcif cuit rut rfc cnpj orgnr
		organisationsnummer companynumber companyregno registrationnumber
		统一社会信用代码 社会信用代码 信用代码 税号 纳税人识别号 纳税人号 组织机构代码 营业执照号 工商注册号 法人番号`,
	"national_id": `nationalid nationalidnumber nationalidentifier idcard idcardno idcardnumber identitycard identitycardno identitynumber socsecid ssn
		socialsecuritynumber socialsecurityno socsec socialsecurityid sin nino nationalinsurancenumber personalnumber personnummer
		personnumber dni curp cpf pesel aadhaar nric passport passportno passportnumber ausweisnummer sozialversicherungsnummer
		numerosecuritesociale
		身份证 身份证号 身份证号码 证件号 证件号码 居民身份证 居民身份证号 公民身份号码 护照号 护照号码`,
	"address": `address address1 addressline1 addressline streetaddress street street1 mailingaddress mailingstreet billingaddress
		billingstreet shippingaddress shippingstreet postaladdress homeaddress residentialaddress addr addr1 adresse anschrift strasse
		strassehausnummer rue adressepostale direccion domicilio calle
		地址 详细地址 通讯地址 通信地址 联系地址 家庭地址 家庭住址 住址 收货地址 邮寄地址 注册地址 街道 住所`,
	"city": `city town suburb locality mailingcity billingcity shippingcity municipality ort stadt wohnort ville commune ciudad
		localidad poblacion 城市 市 所在城市 地市 市区 所在地`,
	"region": `region state stateprovince province county mailingstate billingstate shippingstate mailingstateprovince bundesland
		departement provincia estado comunidad 省 省份 省市 所在省 州 地区 区域`,
	"postal_code": `postalcode postcode zip zipcode mailingpostalcode mailingzippostalcode billingpostalcode shippingpostalcode plz postleitzahl
		codepostal codigopostal cp postcodefake 邮编 邮政编码 郵便番号`,
	"country": `country countrycode nation mailingcountry billingcountry shippingcountry countryname countryregion land pays pais 国家 国别 国家地区 国籍`,
	"modified": `modified modifiedat modifiedon modifieddate modifiedtime lastmodified lastmodifieddate lastmodifiedat lastmodifiedtime updated updatedat
		updatedon updatedate updatetime dateupdated datemodified lastupdate lastupdated lastupdatedat lastupdatedate systemmodstamp
		lastcontact lastchange changedat changedon timestamp geandertam geaendertam aenderungsdatum modifiele datemodification
		fechamodificacion fechaactualizacion 更新时间 修改时间 更新日期 修改日期 最后更新时间 最后修改时间 变更时间 最近更新 更新日時`,
	"created": `created createdat createdon createddate createdtime createtime createdate datecreated creationdate registered registeredat
		registrationdate registertime registerdate registrationtime signupdate signedup joined joindate joinedat memberdate membersince
		customersince dateadded openedon opened angelegtam erstelltam anlagedatum datecreation creele fechacreacion fechaalta
		注册时间 注册日期 登记时间 登记日期 创建时间 创建日期 开户时间 开户日期 建档时间 建档日期 入会时间 入会日期 录入时间 加入时间`,
	"deleted":      `deleted isdeleted deletedat deletedon deleteddate deletedflag removed isremoved archived geloescht supprime 删除 是否删除 已删除 删除时间 删除标记 删除标志`,
	"merged_into":  `mergedinto mergedintoid masterrecordid masterid mergedto mergetarget survivorid survivingid parentrecordid 合并到 合并至 合并入 主记录编号 主客户编号`,
	"canonical_id": `canonicalid canonicalno goldenid goldenrecordid masterdataid mdmid`,
}

// contained are words that tell a role wherever they stand in a header, in
// the order in which they are tried.
var contained = []struct{ role, words string }{
	{"email", "email mailaddress courriel 邮箱 电子邮件"},
	{"phone", "phone mobile telefon telephone cellular 手机 电话"},
	{"birth_date", "birthdate dateofbirth birthday geburtsdatum 出生"},
	{"national_id", "socialsecurity nationalid 身份证"},
	{"tax_id", "taxid vatnumber vatid 信用代码 纳税人识别"},
	{"postal_code", "postalcode postcode zipcode postleitzahl 邮政编码 邮编"},
	{"given_name", "firstname givenname vorname prenom"},
	{"family_name", "lastname surname familyname nachname"},
	{"company", "companyname organizationname organisationname 公司名称 企业名称"},
	{"modified", "lastmodified lastupdate 更新时间 修改时间"},
	{"created", "createddate createdat 注册时间 创建时间"},
	{"address", "streetaddress 详细地址 地址"},
	{"name", "姓名 名称 fullname sitename"},
}

// unlike are words that take a header's role away, wherever they stand: what
// is said about a phone number is not the number.
var unlike = []string{
	"emergency", "spouse", "parent", "referr", "manager", "assistant", "紧急", "推荐人", "经办", "客户经理",
	"optin", "optout", "verified", "validated", "type", "status", "consent", "bounce", "subscri", "count", "flag", "preferred", "fax",
	"extension", "template", "campaign", "owner", "createdby", "modifiedby", "salesrep", "hash", "domain", "传真", "类型", "状态", "是否验证", "负责人", "创建人",
}

// roleOf is the dictionary turned around.
var roleOf = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for role, words := range dictionary {
		for w := range strings.FieldsSeq(words) {
			m[w] = role
		}
	}
	return m
})

// owners stand before many headers and say whose field it is.
var owners = []string{
	"customer", "client", "contact", "account", "primary", "main", "member", "user", "person", "owner", "buyer", "patient", "billing", "shipping", "mailing", "home", "work",
	"personal", "cust", "kunden", "kunde", "客户", "会员", "用户", "顾客", "联系人", "本人", "个人", "企业",
}

// headerRole is the field role that a header names, or "".
func headerRole(header string) string {
	h := plainHeader(header)
	if role := roleOf()[h]; role != "" || besides(header) {
		return role
	}
	h = strings.TrimRight(h, "0123456789")
	if role := roleOf()[h]; role != "" {
		return role
	}
	for _, o := range owners {
		if rest, ok := strings.CutPrefix(h, o); ok && roleOf()[rest] != "" {
			return roleOf()[rest]
		}
	}
	for _, c := range contained {
		for w := range strings.FieldsSeq(c.words) {
			if strings.Contains(h, w) {
				return c.role
			}
		}
	}
	return ""
}

// besides reports whether a header names something beside the customer's own
// data, whatever the column holds: a fax, the e-mail of who looks after the
// customer, whether a phone was verified.
func besides(header string) bool {
	h := plainHeader(header)
	if roleOf()[h] != "" {
		return false
	}
	for _, w := range unlike {
		if strings.Contains(h, w) {
			return true
		}
	}
	return truthHeaders()[h]
}

// identifying are the roles that a table of customers has and few others do.
var identifying = map[string]bool{
	"name": true, "given_name": true, "family_name": true, "company": true, "email": true, "phone": true, "birth_date": true,
	"tax_id": true, "national_id": true, "address": true,
}

// customerWords are in the names of tables and files of customers.
var customerWords = []string{
	"customer", "client", "contact", "account", "member", "person", "people", "user", "lead", "patient", "buyer", "subscriber", "partner", "consumer", "cust",
	"kunde", "mitglied", "clientes", "adherent", "客户", "会员", "用户", "顾客", "联系人", "kehu", "huiyuan",
}

func namesCustomers(table string) bool {
	t := plainHeader(table)
	for _, w := range customerWords {
		if strings.Contains(t, w) {
			return true
		}
	}
	return false
}
