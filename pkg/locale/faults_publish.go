package locale

func init() {
	addFaults(map[string]Text{
		"guide.not_found": {Ar: "لا يوجد دليل منشور بهذا العنوان.", En: "There is no published guide at this address."},
	})
}
