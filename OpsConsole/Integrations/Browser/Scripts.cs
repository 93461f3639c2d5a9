using System.Globalization;
using System.Text;
using OpsConsole.Features.Toolkit;

namespace OpsConsole.Integrations.Browser;

/// <summary>What a font can draw, and what characters belong to: ranges of Unicode, their names in words, and the Debian packages with fonts for them.</summary>
internal static class Scripts
{
    private const string Core = "fonts-noto-core";
    private const string Cjk = "fonts-noto-cjk";
    private const string Emoji = "fonts-noto-color-emoji";
    private const string East = "Chinese, Japanese and Korean";

    private static readonly (int First, int Last, string Name, string Package)[] Ranges =
    [
        (0x0000, 0x02FF, "Latin", "fonts-dejavu-core"), (0x0300, 0x036F, "accents", Core), (0x0370, 0x03FF, "Greek", Core), (0x0400, 0x052F, "Cyrillic", Core), (0x0530, 0x058F, "Armenian", Core),
        (0x0590, 0x05FF, "Hebrew", Core), (0x0600, 0x06FF, "Arabic", Core), (0x0700, 0x074F, "Syriac", Core), (0x0750, 0x077F, "Arabic", Core), (0x0780, 0x07BF, "Thaana", Core), (0x0870, 0x08FF, "Arabic", Core),
        (0x0900, 0x097F, "Devanagari", Core), (0x0980, 0x09FF, "Bengali", Core), (0x0A00, 0x0A7F, "Gurmukhi", Core), (0x0A80, 0x0AFF, "Gujarati", Core), (0x0B00, 0x0B7F, "Odia", Core),
        (0x0B80, 0x0BFF, "Tamil", Core), (0x0C00, 0x0C7F, "Telugu", Core), (0x0C80, 0x0CFF, "Kannada", Core), (0x0D00, 0x0D7F, "Malayalam", Core), (0x0D80, 0x0DFF, "Sinhala", Core),
        (0x0E00, 0x0E7F, "Thai", Core), (0x0E80, 0x0EFF, "Lao", Core), (0x0F00, 0x0FFF, "Tibetan", Core), (0x1000, 0x109F, "Burmese", Core), (0x10A0, 0x10FF, "Georgian", Core), (0x1100, 0x11FF, East, Cjk),
        (0x1200, 0x139F, "Ethiopic", Core), (0x13A0, 0x13FF, "Cherokee", Core), (0x1780, 0x17FF, "Khmer", Core), (0x1800, 0x18AF, "Mongolian", Core), (0x1C80, 0x1C8F, "Cyrillic", Core), (0x1C90, 0x1CBF, "Georgian", Core),
        (0x1E00, 0x1EFF, "Latin", "fonts-dejavu-core"), (0x1F00, 0x1FFF, "Greek", Core), (0x2000, 0x206F, "punctuation", Core), (0x2070, 0x20CF, "currency signs and small figures", Core), (0x2100, 0x25FF, "arrows, mathematics and shapes", Core),
        (0x2600, 0x27BF, "symbols", Core), (0x27C0, 0x2BFF, "arrows, mathematics and shapes", Core), (0x2C60, 0x2C7F, "Latin", "fonts-dejavu-core"), (0x2DE0, 0x2DFF, "Cyrillic", Core), (0x2E80, 0x319F, East, Cjk), (0x31A0, 0x9FFF, East, Cjk),
        (0xA640, 0xA69F, "Cyrillic", Core), (0xA720, 0xA7FF, "Latin", "fonts-dejavu-core"), (0xA960, 0xA97F, East, Cjk), (0xAC00, 0xD7FF, East, Cjk), (0xF900, 0xFAFF, East, Cjk), (0xFB50, 0xFDFF, "Arabic", Core), (0xFE30, 0xFE4F, East, Cjk),
        (0xFE70, 0xFEFE, "Arabic", Core), (0xFF00, 0xFFEF, East, Cjk), (0x1D400, 0x1D7FF, "arrows, mathematics and shapes", Core), (0x1F000, 0x1FAFF, "emoji", Emoji), (0x20000, 0x3FFFF, East, Cjk),
    ];

    /// <summary>What a character belongs to, and the package with fonts for it.</summary>
    public static (string Name, string Package) Of(Rune rune)
    {
        foreach (var (first, last, name, package) in Ranges)
            if (rune.Value >= first && rune.Value <= last) return (name, package);
        return ("other characters", Core);
    }

    /// <summary>Whether a font has to have it: spaces, controls, joiners, variation selectors and what nobody defined draw nothing.</summary>
    public static bool IsDrawn(Rune rune) => rune.Value is not (>= 0xFE00 and <= 0xFE0F) and not (>= 0xE0000 and <= 0xE0FFF) and not 0x034F and not 0xFFFC
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned);

    /// <summary>One line per script of which the fonts cannot draw a character, in the order of the text.</summary>
    public static IReadOnlyList<MissingGlyphs> Missing(string text, IReadOnlyList<(int First, int Last)> covered) =>
    [
        .. text.EnumerateRunes().Distinct().Where(rune => IsDrawn(rune) && !Covers(covered, rune.Value))
            .Select(rune => (Script: Of(rune), Sample: rune.ToString())).DistinctBy(m => m.Script.Name).Select(m => new MissingGlyphs(m.Script.Name, m.Sample, m.Script.Package)),
    ];

    /// <summary>Fontconfig's character sets, one per line (<c>20-7e a0 100-17f</c>, hexadecimal), put together: in order, none touching the next. What is no range is passed over.</summary>
    public static IReadOnlyList<(int First, int Last)> Together(string charsets)
    {
        List<(int First, int Last)> all = [];
        foreach (var range in charsets.AsSpan().SplitAny(" \r\n"))
        {
            var part = charsets.AsSpan()[range];
            var dash = part.IndexOf('-');
            if (int.TryParse(dash < 0 ? part : part[..dash], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var first)
                && int.TryParse(dash < 0 ? part : part[(dash + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var last)) all.Add((first, last));
        }
        all.Sort();
        List<(int First, int Last)> together = [];
        foreach (var (first, last) in all)
        {
            if (together.Count > 0 && first <= together[^1].Last + 1) together[^1] = (together[^1].First, Math.Max(together[^1].Last, last));
            else together.Add((first, last));
        }
        return together;
    }

    private static bool Covers(IReadOnlyList<(int First, int Last)> covered, int value)
    {
        var (low, high) = (0, covered.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (value < covered[middle].First) high = middle - 1;
            else if (value > covered[middle].Last) low = middle + 1;
            else return true;
        }
        return false;
    }
}
