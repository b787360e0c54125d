package normalize

import "sync"

// streetTypes are kinds of streets: spelling -> the short one. weakTypes are
// those of them that are parts of names as well (Oak Park); they end a name
// only where no other type does.
var streetTypes = sync.OnceValue(func() map[string]string { return lexicon(streetsBehind) })

// leadingTypes are kinds of streets in languages that put them first. Those
// that are words besides are types only where none stands behind the name.
var leadingTypes = sync.OnceValue(func() map[string]string { return lexicon(streetsBefore) })

var likelyLeading = lazySet(`rue|calle|ctra|paseo|via|viale|vicolo|corso|rua|ul|пр|пер|пл|ш|наб|б-р|jl|lorong|calea|odos|leof|chemin|rod|cra`)

var weakTypes = lazySet(`ct|pl|pk|grn|hl|vw|sq|cl|way|walk|gdns|gr|row|ter|plz|pt|cove|rise|mews|vale|bay|glen|mdw|rdg|run|trl|pass|path|loop|isle|lea|end|mall|quay|wharf|bend|gate|crst|mnr|est|cors|cross|brg`)

const streetsBehind = `st: street|str|strt|stret|sreet|streeet
	ave: avenue|av|aven|avenu|avn|avnue|aveneu
	rd: road|roads
	blvd: boulevard|boul|bvd|blv|boulv|bd
	dr: drive|drv|driv
	ln: lane|lne
	ct: court|crt
	pl: place|plc
	sq: square|sqr
	cres: crescent|cr|crsnt|crsent|cresc|crest
	cct: circuit|circ|circt
	cir: circle|crcle|crcl
	ter: terrace|tce|terr|tce
	hwy: highway|hiway|hway
	pkwy: parkway|pky|parkwy|pway
	fwy: freeway|expressway|expy|motorway
	cl: close
	gdns: gardens|garden|gdn
	gr: grove|gro|grv
	aly: alley|ally
	way: wy
	walk: wk
	row:
	mews:
	rise:
	pk: park|prk
	grn: green
	hl: hill|hls|hills
	vw: view
	cove: cv
	esp: esplanade
	pde: parade
	prom: promenade
	trl: trail
	tpke: turnpike
	plz: plaza
	pt: point
	pass: passage
	path:
	loop:
	vale:
	glen:
	bay:
	rdg: ridge
	mdw: meadow|meadows
	run:
	quay: qy
	wharf:
	bend:
	gate:
	mnr: manor
	cross: crossing|xing
	cor: corner
	brg: bridge
	mall:
	isle:
	lea:
	end:
	str: strasse|strase|straat|stra
	weg:
	platz: plz.
	allee:
	gasse:
	ring:
	ufer:
	damm:
	laan:
	plein:
	gatan: gata
	vagen: vag
	vej:
	gade:
	veien: vei|veg
	utca: ucca
	cad: caddesi|cadde|cd
	sok: sokak|sokagi|sk|skk
	bulv: bulvari
	katu:
	tie:`

const streetsBefore = `rue: r.
	ave: avenue|av|avda|avenida|avd|avinguda|aven
	blvd: boulevard|bd|boul|bvd|bulevar|bulvar
	pl: place|plaza|plaça|praca|pza|piazza|pzza|p.zza|plac|pza|pl.za
	ch: chemin|che
	all: allee|allees
	imp: impasse
	rte: route
	quai:
	cours:
	sq: square
	calle: c/|cl|call
	cra: carrera|kra|cr|kr
	paseo: pso|passeig|pº
	ctra: carretera|carr
	camino: cno
	via:
	viale: v.le
	vicolo: vic
	corso: c.so|cso
	largo: l.go
	str: strasse|strada
	rua: r.
	tv: travessa|trav
	al: alameda|aleja|aleje|alej
	estr: estrada
	rod: rodovia
	ul: ulica|ulice|улица|ул|вулиця|вул
	os: osiedle
	nam: namesti|namestie
	пр: проспект|пр-т|просп|пр-кт|проспект.
	пер: переулок
	пл: площадь|площа
	ш: шоссе
	наб: набережная
	б-р: бульвар|бул
	jl: jalan|jln
	lorong: lrg
	calea:
	sos: soseaua
	bd: bulevardul
	trg:
	odos: οδος
	leof: λεωφορος|λεωφ
	duong: d.`

// unitWords stand before or behind the number of a flat, an office, a room.
// floorWords before or behind that of a floor, buildingWords before that of a
// building or an entrance.
var (
	unitWords = lazySet(`unit|apt|apartment|apartments|appt|appartement|flat|flt|suite|ste|room|rm|office|ofc|off|no unit|shop|shp|lot|space|spc|villa|ph|penthouse|door|studio|
			whg|wohnung|top|zimmer|app|kv|kw|кв|квартира|оф|офис|ком|комната|помещение|пом|lok|lokal|mieszkanie|depto|dpto|departamento|oficina|puerta|pta|
			apto|apartamento|sala|conj|conjunto|interno|int|daire|lejl|byt|bte|boite|bus|kamer|lgh|porte|u|m|d`)
	floorWords    = lazySet(`floor|flr|fl|fll|level|lvl|lv|etage|og|stock|stw|geschoss|stg|piso|andar|piano|kat|kerros|verdieping|etaj|emelet|этаж|эт|patro|pietro|obergeschoss|st floor|storey|story`)
	buildingWords = lazySet(`building|bldg|bld|bldng|block|blk|tower|twr|wing|entrance|stiege|haus nr|aufgang|hinterhaus|batiment|bat|bt|escalier|esc|escalera|scala|bloco|bl|корпус|корп|к|строение|стр|подъезд|под|blok|sc|bloc|annex|annexe`)
	// numberWords stand before a house number.
	numberWords = lazySet(`no|nr|num|number|nro|numero|n|hnr|hausnummer|house|hno|plot|door no|д|дом|буд|будинок|cp|cislo|dom|nº|km`)
	// boxes are post office boxes in other words, by their words.
	boxes = lazySet(`po box|p o box|pobox|post office box|postal box|post box|gpo box|locked bag|private bag|lock box|postfach|boite postale|bp|b p|cs|apartado|apartado postal|apartado de correos|casella postale|c p|caixa postal|postbus|postboks|postbox|skrytka pocztowa|а я|абонентский ящик|box`)
	// floorsByName are floors without a number.
	floorsByName = sync.OnceValue(func() map[string]string {
		return map[string]string{"ground": "0", "gf": "0", "gd": "0", "basement": "b", "bsmt": "b", "lg": "b", "lower": "b", "mezzanine": "m", "erdgeschoss": "0", "eg": "0", "dachgeschoss": "top", "dg": "top", "rdc": "0", "parterre": "0"}
	})
	// numberedStreets go before the number of a road.
	numberedStreets = lazySet(`highway|hwy|route|rte|rt|interstate|carrera|cra|kra|calle|autopista|bundesstrasse`)
	// addressWords are other words of addresses with several spellings.
	addressWords = sync.OnceValue(func() map[string]string {
		return lexicon(`n: north|nth
			s: south|sth
			e: east
			w: west
			ne: northeast|north-east
			nw: northwest|north-west
			se: southeast|south-east
			sw: southwest|south-west
			1st: first
			2nd: second
			3rd: third
			4th: fourth
			5th: fifth
			6th: sixth
			7th: seventh
			8th: eighth
			9th: ninth
			10th: tenth
			st: saint|sainte|sankt|ste|sveti|svaty
			mt: mount
			ft: fort
			ctr: center|centre
			hts: heights
			upr: upper
			lwr: lower
			jct: junction
			dr: doctor
			prof: professor
			gral: general|gen
			pres: presidente|president
			stn: station
			twp: township
			co: county`)
	})
)
