"""What the invented enterprises do: sectors of a zone of science and technology with typical sizes and habits.

The figures are ours. They are chosen so that every national standard finds firms on both sides of its thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sector:
    """`staff` persons (median), `per_head` revenue in 万元 per person (median), `rd` R&D to revenue (median), `margin`
    profit to revenue (mean), `hitech` share of high-tech revenue (mean); `patents`, `software`: rights per ten person-years
    of an average firm. `industries` are classes of GB/T 4754-2017; `chain` is found in the label of an industry chain.
    """

    code: str
    weight: float
    trades: tuple[str, ...]
    industries: tuple[str, ...]
    field: str
    emerging: str
    staff: float
    per_head: float
    rd: float
    margin: float
    hitech: float
    patents: float
    software: float
    exports: float
    goods: tuple[str, ...]
    chain: str = ""

    @property
    def technical(self) -> bool:
        return self.field != "none"


SECTORS: tuple[Sector, ...] = (
    Sector("hydrogen", 9, ("氢能科技", "氢能装备", "燃料电池", "储氢技术"), ("3849", "2619", "3332", "3463", "7320"),
           "energy", "new_energy", 32, 55, 0.075, 0.02, 0.74, 1.0, 0.2, 0.10,
           ("质子交换膜", "金属双极板", "储氢瓶", "电解槽", "燃料电池电堆"), "氢能"),
    Sector("photovoltaics", 10, ("光伏科技", "新能源", "光电材料", "太阳能技术"), ("3825", "3562", "4416", "3985"),
           "energy", "new_energy", 48, 95, 0.043, 0.06, 0.72, 0.8, 0.2, 0.25,
           ("光伏组件", "硅片切割设备", "逆变器", "银浆", "光伏支架"), "光伏"),
    Sector("vehicles", 10, ("汽车科技", "智能驾驶", "车联网科技", "汽车电子", "汽车零部件"), ("3612", "3670", "6513", "3979"),
           "manufacturing", "vehicles", 52, 70, 0.052, 0.05, 0.68, 0.8, 0.6, 0.15,
           ("激光雷达", "域控制器", "线控底盘", "车载终端", "自动驾驶软件"), "智能网联汽车"),
    Sector("software", 17, ("软件", "信息技术", "数据科技", "网络科技", "智能科技"), ("6511", "6513", "6531", "6540", "6550"),
           "electronics", "information", 22, 38, 0.085, 0.08, 0.76, 0.2, 2.2, 0.04,
           ("管理平台", "数据中台", "视频分析系统", "工业软件", "运维系统")),
    Sector("instruments", 9, ("仪器", "测控技术", "传感技术", "自动化设备"), ("4011", "4014", "4016", "4028"),
           "manufacturing", "equipment", 26, 48, 0.064, 0.09, 0.75, 0.9, 0.7, 0.12,
           ("压力传感器", "光谱仪", "测量系统", "控制器", "无损检测设备")),
    Sector("biomedicine", 9, ("生物科技", "医药科技", "医疗器械", "基因技术"), ("2761", "2720", "3581", "7340", "2710"),
           "biology", "bio", 28, 52, 0.095, 0.04, 0.70, 0.8, 0.2, 0.10,
           ("诊断试剂", "抗体", "监护设备", "中药颗粒", "细胞培养基")),
    Sector("materials", 9, ("新材料", "材料科技", "复合材料", "特种合金"), ("3240", "3091", "2651", "3073"),
           "materials", "new_materials", 36, 68, 0.047, 0.07, 0.70, 0.9, 0.1, 0.18,
           ("钛合金棒材", "碳纤维预浸料", "特种陶瓷", "石墨制品", "高温合金粉末")),
    Sector("aerospace", 4, ("航空科技", "航天技术", "航空装备"), ("3744", "3742", "3963"),
           "aerospace", "equipment", 42, 55, 0.071, 0.07, 0.76, 1.0, 0.4, 0.05,
           ("航空紧固件", "无人机", "机载电子设备", "热表处理件")),
    Sector("chips", 4, ("半导体", "微电子", "光电子"), ("6520", "3973", "3979"),
           "electronics", "information", 34, 62, 0.120, 0.03, 0.80, 1.1, 0.5, 0.20,
           ("功率器件", "射频芯片", "光电探测器", "存储控制芯片")),
    Sector("equipment", 5, ("智能装备", "机器人", "精密机械"), ("3421", "3491", "3493"),
           "manufacturing", "equipment", 44, 52, 0.053, 0.06, 0.66, 0.9, 0.4, 0.16,
           ("数控机床", "协作机器人", "增材制造设备", "精密夹具")),
    Sector("environment", 3, ("环保科技", "环境工程", "节能技术"), ("3591", "7721", "7514"),
           "environment", "saving", 24, 50, 0.044, 0.07, 0.62, 0.5, 0.2, 0.03,
           ("水处理设备", "除尘系统", "余热回收装置")),
    Sector("services", 5, ("检测技术", "工程技术", "知识产权服务", "技术服务"), ("7320", "7452", "7520", "7310"),
           "services", "related_services", 16, 30, 0.050, 0.10, 0.58, 0.3, 0.4, 0.02,
           ("检测服务", "技术咨询", "专利导航", "标准化服务")),
    Sector("trade", 3, ("贸易", "商贸", "供应链管理"), ("5179", "5273", "5279"),
           "none", "", 9, 160, 0.0, 0.02, 0.0, 0.02, 0.02, 0.20, ("电子产品", "机电设备", "实验耗材")),
    Sector("construction", 2, ("建设工程", "建筑安装", "机电工程"), ("4910", "4999", "4813"),
           "none", "", 30, 70, 0.004, 0.04, 0.0, 0.1, 0.02, 0.0, ("安装工程", "市政工程", "机电工程")),
    Sector("business", 1, ("企业管理", "文化传播", "物业管理", "餐饮管理"), ("7249", "7211", "7020", "6210"),
           "none", "", 12, 26, 0.0, 0.05, 0.0, 0.01, 0.05, 0.0, ("咨询服务", "物业服务", "会务服务")),
    Sector("incubation", 0.7, ("孵化器管理", "众创空间管理", "创业服务"), ("7540",),
           "none", "", 14, 32, 0.0, 0.04, 0.0, 0.02, 0.1, 0.0, ("孵化服务", "场地服务", "创业辅导")),
    Sector("estate", 0.3, ("置业", "产业园开发"), ("7010",),
           "none", "", 22, 260, 0.0, 0.08, 0.0, 0.0, 0.02, 0.0, ("厂房", "研发楼", "物业服务")),
)  # fmt: skip
