"""Paints a terminal capture (tmux capture-pane -e -p -N) as a PNG.

Usage: paint.py CAPTURE OUTPUT.png COLUMNS ROWS BACKGROUND FOREGROUND
Needs Pillow and DejaVu Sans Mono. Braille and block characters are drawn as shapes, so that they
join as they do in a terminal.
"""
import re
import sys
import unicodedata

from PIL import Image, ImageDraw, ImageFont

CELL_WIDTH, CELL_HEIGHT, SIZE = 10, 21, 16
FONTS = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono%s.ttf"
WIDE_FONT = "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"
BASIC = [
    (0, 0, 0), (205, 49, 49), (13, 188, 121), (229, 229, 16), (36, 114, 200), (188, 63, 188),
    (17, 168, 205), (229, 229, 229), (102, 102, 102), (241, 76, 76), (35, 209, 139),
    (245, 245, 67), (59, 142, 234), (214, 112, 214), (41, 184, 219), (255, 255, 255),
]


def indexed(number):
    if number < 16:
        return BASIC[number]
    if number < 232:
        number -= 16
        steps = [0, 95, 135, 175, 215, 255]
        return steps[number // 36], steps[number // 6 % 6], steps[number % 6]
    return (8 + 10 * (number - 232),) * 3


def parse_hex(text):
    return tuple(int(text[i:i + 2], 16) for i in (1, 3, 5))


class Look:
    def __init__(self):
        self.foreground = self.background = None
        self.bold = self.dim = self.underline = self.reverse = False

    def apply(self, codes):
        codes = [int(code or 0) for code in codes.replace(":", ";").split(";")]
        while codes:
            code = codes.pop(0)
            if code == 0:
                self.__init__()
            elif code == 1:
                self.bold = True
            elif code == 2:
                self.dim = True
            elif code == 4:
                self.underline = True
            elif code == 7:
                self.reverse = True
            elif code == 22:
                self.bold = self.dim = False
            elif code == 24:
                self.underline = False
            elif code == 27:
                self.reverse = False
            elif code in (38, 48) and codes:
                kind = codes.pop(0)
                colour = indexed(codes.pop(0)) if kind == 5 else tuple(codes.pop(0) for _ in "rgb")
                if code == 38:
                    self.foreground = colour
                else:
                    self.background = colour
            elif code == 39:
                self.foreground = None
            elif code == 49:
                self.background = None
            elif 30 <= code <= 37:
                self.foreground = BASIC[code - 30]
            elif 40 <= code <= 47:
                self.background = BASIC[code - 40]
            elif 90 <= code <= 97:
                self.foreground = BASIC[code - 82]
            elif 100 <= code <= 107:
                self.background = BASIC[code - 92]


def width(character):
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shape(draw, character, x, y, colour):
    """Draws block and braille characters; says whether it did."""
    code = ord(character)
    right, bottom = x + CELL_WIDTH, y + CELL_HEIGHT
    if 0x2581 <= code <= 0x2588:
        height = CELL_HEIGHT * (code - 0x2580) // 8
        draw.rectangle([x, bottom - height, right - 1, bottom - 1], fill=colour)
    elif 0x2589 <= code <= 0x258F:
        draw.rectangle([x, y, x + CELL_WIDTH * (0x2590 - code) // 8 - 1, bottom - 1], fill=colour)
    elif code in (0x2591, 0x2592):
        step = 4 if code == 0x2591 else 2
        for row in range(y, bottom):
            for column in range(x + row % step, right, step):
                draw.point((column, row), fill=colour)
    elif 0x2800 <= code <= 0x28FF:
        dots = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
        for bit, (column, row) in enumerate(dots):
            if (code - 0x2800) >> bit & 1:
                left, top = x + 2 + column * 5, y + 2 + row * 5
                draw.rectangle([left, top, left + 2, top + 2], fill=colour)
    elif character in "─│╭╮╰╯┌┐└┘├┤┬┴┼╌┊":
        middle, centre = x + CELL_WIDTH // 2, y + CELL_HEIGHT // 2
        arms = {"─": "lr", "│": "ud", "╭": "rd", "╮": "ld", "╰": "ru", "╯": "lu", "┌": "rd",
                "┐": "ld", "└": "ru", "┘": "lu", "├": "udr", "┤": "udl", "┬": "lrd", "┴": "lru",
                "┼": "lrud"}.get(character, "")
        if "l" in arms:
            draw.line([x, centre, middle, centre], fill=colour)
        if "r" in arms:
            draw.line([middle, centre, right - 1, centre], fill=colour)
        if "u" in arms:
            draw.line([middle, y, middle, centre], fill=colour)
        if "d" in arms:
            draw.line([middle, centre, middle, bottom - 1], fill=colour)
        if character == "╌":
            draw.line([x + 1, centre, x + 3, centre], fill=colour)
            draw.line([x + 6, centre, x + 8, centre], fill=colour)
        if character == "┊":
            for top in range(y + 1, bottom, 6):
                draw.line([middle, top, middle, top + 2], fill=colour)
    else:
        return False
    return True


def paint(lines, columns, rows, background, foreground):
    image = Image.new("RGB", (columns * CELL_WIDTH, rows * CELL_HEIGHT), background)
    draw = ImageDraw.Draw(image)
    fonts = {bold: ImageFont.truetype(FONTS % ("-Bold" if bold else ""), SIZE)
             for bold in (False, True)}
    wide = ImageFont.truetype(WIDE_FONT, SIZE)
    look = Look()
    for row, line in enumerate(lines[:rows]):
        column = 0
        for escape, text in re.findall(r"\x1b\[([0-9;:]*)m|([^\x1b])", line):
            if not text:
                look.apply(escape)
                continue
            cells = width(text)
            if cells == 0 or column >= columns:
                continue
            ink, paper = look.foreground or foreground, look.background or background
            if look.reverse:
                ink, paper = paper, ink
            if look.dim:
                ink = tuple((a + b) // 2 for a, b in zip(ink, paper))
            x, y = column * CELL_WIDTH, row * CELL_HEIGHT
            if paper != background:
                draw.rectangle(
                    [x, y, x + cells * CELL_WIDTH - 1, y + CELL_HEIGHT - 1], fill=paper)
            if text != " " and not shape(draw, text, x, y, ink):
                draw.text((x, y + 1), text, font=wide if cells == 2 else fonts[look.bold], fill=ink)
            if look.underline:
                draw.line([x, y + CELL_HEIGHT - 2, x + CELL_WIDTH - 1, y + CELL_HEIGHT - 2],
                          fill=ink)
            column += cells
    return image


def main():
    capture, output, columns, rows, background, foreground = sys.argv[1:]
    with open(capture, encoding="utf-8") as file:
        lines = file.read().split("\n")
    image = paint(lines, int(columns), int(rows), parse_hex(background), parse_hex(foreground))
    image.save(output, optimize=True)


main()
