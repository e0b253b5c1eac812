# ruff: noqa: E501
"""Prompts in free wording that training never saw, half of them Chinese: (prompt, what it asks for).

What is asked is given as `section:name` concepts of `scene.words`, by hand."""

FREE = (
    ("A lady strolls along the seashore at dusk", "kind:woman place:beach time:sunset act:walk"),
    (
        "Grandpa reads the newspaper in his garden on a misty morning",
        "kind:grandfather place:garden time:morning weather:fog act:read",
    ),
    ("An astronaut performs a somersault on the lunar surface", "kind:astronaut place:moon act:backflip"),
    (
        "Two guys shake hands on a rooftop in pouring rain",
        "kind:man place:rooftop weather:rain act:handshake",
    ),
    (
        "Downtown after dark, a robot in a purple hoodie grooves to the beat",
        "kind:robot place:city time:night act:dance top:purple",
    ),
    (
        "Watch a panda pedalling a green bike through the park",
        "kind:panda place:park act:bicycle prop:bicycle prop_colour:green",
    ),
    (
        "little boy in orange sportswear kicks a white football, tracking camera please",
        "kind:boy top:orange act:kick prop:ball prop_colour:white",
    ),
    (
        "Thunderstorm over the castle: a woman wearing a black cloak points ahead",
        "kind:woman place:castle weather:storm top:black act:point",
    ),
    (
        "Neon cyberpunk look, an old lady plays electric blue guitar on stage",
        "kind:grandmother place:stage style:neon act:guitar",
    ),
    ("a teddy bear sleeps in the bedroom at midnight", "kind:bear place:room time:night act:sleep"),
    (
        "schoolgirl juggling a yellow ball in the classroom",
        "kind:girl place:classroom act:toss prop:ball prop_colour:yellow",
    ),
    ("gentleman in a grey suit sips coffee at the bistro", "kind:man place:cafe act:drink top:grey"),
    (
        "A bunny dashes over the snowy plain while it snows",
        "kind:rabbit place:snowfield weather:snow act:run",
    ),
    (
        "pixel art video: a knight-like man sneaks through the library",
        "kind:man place:library style:pixel act:sneak",
    ),
    ("mum and daughter embrace in the meadow at sunrise", "kind:woman place:meadow time:morning act:hug"),
    (
        "watercolor of a girl flying a red kite in the hills on a windy afternoon",
        "kind:girl place:meadow weather:wind style:watercolour act:kite prop:kite prop_colour:red",
    ),
    (
        "A businesswoman shows off a teal product on display at the market",
        "kind:woman place:market act:show prop:product prop_colour:teal",
    ),
    (
        "Father waltzes with his wife at the palace under the stars",
        "kind:man place:castle time:night act:waltz",
    ),
    (
        "cat mascot doing jumping jacks in the gym, handheld",
        "kind:cat place:gym camera:handheld act:jumping_jacks",
    ),
    (
        "Someone rows a brown canoe across the pond at sundown",
        "place:lake time:sunset act:boat prop:boat prop_colour:brown",
    ),
    (
        "A granny cheers loudly at the funfair in daylight",
        "kind:grandmother place:carnival time:day act:cheer",
    ),
    (
        "ink drawing, a man in a white robe bows at the shrine in heavy fog",
        "kind:man place:temple weather:fog style:ink act:bow top:white",
    ),
    (
        "a kid floats up with a pink balloon above the desert",
        "kind:boy place:desert act:balloon prop:balloon prop_colour:pink",
    ),
    ("boys race each other in the mountains, zoom out", "kind:boy place:mountains camera:zoom_out act:race"),
    (
        "diving lady swims under the sea beside a yellow fish",
        "kind:woman place:underwater act:swim prop:fish",
    ),
    (
        "the actress sings a song into the night in the forest, slow pan",
        "kind:woman place:forest time:night camera:pan act:sing",
    ),
    ("A man wearing glasses ponders in the kitchen", "kind:man place:kitchen act:think"),
    ("young girl spins around with a hula hoop in the backyard", "kind:girl place:garden act:hoop"),
    ("comic book style: angry robot boxing in the street", "kind:robot place:city style:comic act:box"),
    (
        "An elderly man marches through the snow at the fortress",
        "kind:grandfather place:castle weather:snow act:march",
    ),
    ("一位女士黄昏时在海边散步", "kind:woman place:beach time:sunset act:walk"),
    ("老爷爷清晨在花园里看书，有薄雾", "kind:grandfather place:garden time:morning weather:fog act:read"),
    ("宇航员在月球上后空翻", "kind:astronaut place:moon act:backflip"),
    ("大雨中，两个男人在天台上握手", "kind:man place:rooftop weather:rain act:handshake"),
    ("夜晚的城市，穿紫色卫衣的机器人跳舞", "kind:robot place:city time:night act:dance top:purple"),
    ("熊猫在公园里骑绿色自行车", "kind:panda place:park act:bicycle prop:bicycle prop_colour:green"),
    ("穿橙色运动服的小男孩踢白色足球，跟拍", "kind:boy top:orange act:kick prop:ball prop_colour:white"),
    (
        "雷雨天，古堡前一个穿黑色斗篷的女人指着远方",
        "kind:woman place:castle weather:storm top:black act:point",
    ),
    ("霓虹风格，老奶奶在舞台上弹奏蓝色吉他", "kind:grandmother place:stage style:neon act:guitar"),
    ("小熊深夜在卧室里睡觉", "kind:bear place:room time:night act:sleep"),
    ("小女孩在教室里抛黄色的球", "kind:girl place:classroom act:toss prop:ball prop_colour:yellow"),
    ("穿灰色西装的先生在咖啡馆喝咖啡", "kind:man place:cafe act:drink top:grey"),
    ("下雪天，小兔子在雪原上奔跑", "kind:rabbit place:snowfield weather:snow act:run"),
    ("像素风，一个男人悄悄走过图书馆", "kind:man place:library style:pixel act:sneak"),
    ("日出时，妈妈和女儿在草地上拥抱", "kind:woman place:meadow time:morning act:hug"),
    (
        "水彩画：女孩在山坡上放红色风筝，大风",
        "kind:girl place:meadow weather:wind style:watercolour prop:kite prop_colour:red",
    ),
    ("女士在商场介绍青色商品", "kind:woman place:market act:show prop:product prop_colour:teal"),
    ("健身房里，猫人做开合跳，手持镜头", "kind:cat place:gym camera:handheld act:jumping_jacks"),
    ("日落，有人在湖上划棕色独木舟", "place:lake time:sunset act:boat prop:boat prop_colour:brown"),
    ("老太太白天在游乐园里欢呼", "kind:grandmother place:carnival time:day act:cheer"),
    (
        "水墨画，大雾中穿白色长袍的男子在寺庙前鞠躬",
        "kind:man place:temple weather:fog style:ink act:bow top:white",
    ),
    ("小朋友抓着粉色气球在沙漠上空飘", "kind:boy place:desert act:balloon prop:balloon prop_colour:pink"),
    ("山上，两个男孩赛跑，拉远", "kind:boy place:mountains camera:zoom_out act:race"),
    ("一位女子在海底游泳，旁边有黄色的鱼", "kind:woman place:underwater act:swim prop:fish"),
    ("夜里森林中女演员唱歌，摇镜头", "place:forest time:night camera:pan act:sing"),
    ("戴眼镜的男人在厨房沉思", "kind:man place:kitchen act:think"),
    ("小姑娘在后院转呼啦圈", "kind:girl place:garden act:hoop"),
    ("漫画风格，生气的机器人在街头打拳", "kind:robot place:city style:comic act:box"),
    ("雪中，老头在古堡前踏步", "kind:grandfather place:castle weather:snow act:march"),
    ("快乐的爸爸慢慢地在市场挥手", "kind:man place:market act:wave"),
)
# prompts with something the world has no picture for, and the word that must be told
UNKNOWN = (
    ("an elephant walks on the beach", "elephant"), ("a man drives a truck in the city", "truck"),
    ("a woman plays the violin on stage", "violin"), ("a volcano erupts behind a dancing girl", "volcano"),
    ("a dinosaur runs in the forest", "dinosaur"), ("a boy eats spaghetti in the kitchen", "spaghetti"),
    ("a helicopter above the castle", "helicopter"), ("a pirate sings in the rain", "pirate"),
    ("a submarine underwater", "submarine"), ("a zebra reads a book", "zebra"),
    ("一只大象在海滩上跳舞", "象"), ("女孩在森林里拉小提琴", "提琴"), ("恐龙在城市里奔跑", "恐龙"),
    ("男人开卡车", "卡车"), ("一只老虎在花园里睡觉", "虎"),
)  # fmt: skip
