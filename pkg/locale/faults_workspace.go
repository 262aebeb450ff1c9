package locale

func init() {
	addFaults(map[string]Text{
		"workspace.not_found":      {Ar: "لا توجد مساحة عمل بهذا العنوان.", En: "There is no workspace at this address."},
		"workspace.invalid_fields": {Ar: "في بيانات مساحة العمل حقل يلزم تصحيحه.", En: "A field of the workspace needs correcting."},
		"workspace.not_joint":      {Ar: "تُضاف الجهات إلى المساحات المشتركة وحدها.", En: "Agencies are added to joint workspaces only."},
	})
}
