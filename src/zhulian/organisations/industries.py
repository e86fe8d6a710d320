"""GB/T 4754-2017, as far as pages need it: all sections, and the divisions of industry (B, C, D) by name."""

from zhulian.vocabulary.errors import Text

SECTIONS = {
    "A": Text("农、林、牧、渔业", "Agriculture, forestry and fishing"),
    "B": Text("采矿业", "Mining"),
    "C": Text("制造业", "Manufacturing"),
    "D": Text("电力、热力、燃气及水生产和供应业", "Electricity, heat, gas and water"),
    "E": Text("建筑业", "Construction"),
    "F": Text("批发和零售业", "Wholesale and retail"),
    "G": Text("交通运输、仓储和邮政业", "Transport, storage and post"),
    "H": Text("住宿和餐饮业", "Accommodation and catering"),
    "I": Text("信息传输、软件和信息技术服务业", "Information technology"),
    "J": Text("金融业", "Finance"),
    "K": Text("房地产业", "Real estate"),
    "L": Text("租赁和商务服务业", "Leasing and business services"),
    "M": Text("科学研究和技术服务业", "Research and technical services"),
    "N": Text("水利、环境和公共设施管理业", "Water, environment and public facilities"),
    "O": Text("居民服务、修理和其他服务业", "Household, repair and other services"),
    "P": Text("教育", "Education"),
    "Q": Text("卫生和社会工作", "Health and social work"),
    "R": Text("文化、体育和娱乐业", "Culture, sports and entertainment"),
    "S": Text("公共管理、社会保障和社会组织", "Public administration and organisations"),
    "T": Text("国际组织", "International organisations"),
}
_LAST_DIVISION = {
    "A": 5, "B": 12, "C": 43, "D": 46, "E": 50, "F": 52, "G": 60, "H": 62, "I": 65, "J": 69,
    "K": 70, "L": 72, "M": 75, "N": 79, "O": 82, "P": 83, "Q": 85, "R": 90, "S": 96, "T": 97,
}  # fmt: skip


def _sections_by_division() -> dict[str, str]:
    found: dict[str, str] = {}
    first = 1
    for section, last in _LAST_DIVISION.items():
        found |= {f"{division:02d}": section for division in range(first, last + 1)}
        first = last + 1
    return found


SECTION_OF_DIVISION = _sections_by_division()
DIVISIONS = {
    "06": Text("煤炭开采和洗选业", "Coal mining"),
    "07": Text("石油和天然气开采业", "Oil and gas extraction"),
    "08": Text("黑色金属矿采选业", "Ferrous ore mining"),
    "09": Text("有色金属矿采选业", "Non-ferrous ore mining"),
    "10": Text("非金属矿采选业", "Non-metal ore mining"),
    "11": Text("开采专业及辅助性活动", "Mining support"),
    "12": Text("其他采矿业", "Other mining"),
    "13": Text("农副食品加工业", "Farm product processing"),
    "14": Text("食品制造业", "Food"),
    "15": Text("酒、饮料和精制茶制造业", "Liquor, drinks and tea"),
    "16": Text("烟草制品业", "Tobacco"),
    "17": Text("纺织业", "Textiles"),
    "18": Text("纺织服装、服饰业", "Clothing"),
    "19": Text("皮革、毛皮、羽毛及其制品和制鞋业", "Leather, fur, feather and footwear"),
    "20": Text("木材加工和木、竹、藤、棕、草制品业", "Wood and bamboo products"),
    "21": Text("家具制造业", "Furniture"),
    "22": Text("造纸和纸制品业", "Paper"),
    "23": Text("印刷和记录媒介复制业", "Printing"),
    "24": Text("文教、工美、体育和娱乐用品制造业", "Cultural, craft and sports goods"),
    "25": Text("石油、煤炭及其他燃料加工业", "Petroleum, coal and fuel processing"),
    "26": Text("化学原料和化学制品制造业", "Chemicals"),
    "27": Text("医药制造业", "Medicines"),
    "28": Text("化学纤维制造业", "Chemical fibres"),
    "29": Text("橡胶和塑料制品业", "Rubber and plastics"),
    "30": Text("非金属矿物制品业", "Non-metallic mineral products"),
    "31": Text("黑色金属冶炼和压延加工业", "Iron and steel"),
    "32": Text("有色金属冶炼和压延加工业", "Non-ferrous metals"),
    "33": Text("金属制品业", "Metal products"),
    "34": Text("通用设备制造业", "General machinery"),
    "35": Text("专用设备制造业", "Special machinery"),
    "36": Text("汽车制造业", "Motor vehicles"),
    "37": Text("铁路、船舶、航空航天和其他运输设备制造业", "Rail, ship, aerospace and other vehicles"),
    "38": Text("电气机械和器材制造业", "Electrical machinery"),
    "39": Text("计算机、通信和其他电子设备制造业", "Computers, communication and electronics"),
    "40": Text("仪器仪表制造业", "Instruments"),
    "41": Text("其他制造业", "Other manufacturing"),
    "42": Text("废弃资源综合利用业", "Recycling"),
    "43": Text("金属制品、机械和设备修理业", "Repair of metal products and machinery"),
    "44": Text("电力、热力生产和供应业", "Electricity and heat"),
    "45": Text("燃气生产和供应业", "Gas"),
    "46": Text("水的生产和供应业", "Water"),
}
