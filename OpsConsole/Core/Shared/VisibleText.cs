using System.Globalization;
using System.Text;

namespace OpsConsole.Core.Shared;

/// <summary>A piece of text as it may be shown: either harmless as it is, or a mark such as <c>⟨U+202E⟩</c> for what the eye cannot see.</summary>
/// <param name="Name">For hidden pieces: what the character does, where that is worth saying.</param>
public readonly record struct VisibleSegment(string Text, bool IsHidden, string? Name = null);

/// <summary>
/// Makes untrusted text safe to judge by eye. Characters that are invisible, reorder their neighbours or control a terminal become
/// visible marks; nothing is dropped, so what is shown is what will be sent. Line feeds (also after a carriage return), tabs and
/// plain spaces stay. Sources: Unicode TR36 (bidirectional and invisible spoofing), Unicode general categories.
/// </summary>
public static class VisibleText
{
    private const int TextPresentation = 0xFE0E, EmojiPresentation = 0xFE0F;

    /// <summary>Splits <paramref name="text"/> into pieces, in order; neighbouring visible characters form one piece. Never throws.</summary>
    public static IReadOnlyList<VisibleSegment> Segments(string? text)
    {
        if (string.IsNullOrEmpty(text)) return [];
        var segments = new List<VisibleSegment>();
        int start = 0, at = 0, previous = 0;
        while (at < text.Length)
        {
            var whole = Rune.TryGetRuneAt(text, at, out var rune);
            var value = whole ? rune.Value : text[at];
            var length = whole ? rune.Utf16SequenceLength : 1;
            var hidden = !whole || IsHidden(rune, previous, Next(text, at + length));
            if (hidden)
            {
                if (at > start) segments.Add(new(text[start..at], false));
                segments.Add(new(Mark(value), true, whole ? NameOf(value) : "half of a character"));
                start = at + length;
            }
            previous = value;
            at += length;
        }
        if (at > start) segments.Add(new(text[start..at], false));
        return segments;
    }

    /// <summary>The same as one string, for places that take only text (titles, logs, exports).</summary>
    public static string Flatten(string? text) => string.Concat(Segments(text).Select(s => s.Text));

    /// <summary>Whether anything in <paramref name="text"/> would be marked.</summary>
    public static bool HasHidden(string? text) => Segments(text).Any(s => s.IsHidden);

    private static int Next(string text, int at) => at < text.Length ? text[at] : 0;

    private static string Mark(int value) => $"⟨U+{value:X4}⟩";

    private static bool IsHidden(Rune rune, int previous, int next)
    {
        var value = rune.Value;
        if (value is '\n' or '\t' or ' ') return false;
        if (value == '\r') return next != '\n';
        // an emoji's own presentation selector; anywhere else selectors can smuggle bytes
        if (value is TextPresentation or EmojiPresentation) return !(Rune.IsValid(previous) && Rune.GetUnicodeCategory(new Rune(previous)) == UnicodeCategory.OtherSymbol);
        if (LooksEmpty(value)) return true;
        return Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate;
    }

    /// <summary>Letters, marks and symbols by category that nevertheless draw nothing.</summary>
    private static bool LooksEmpty(int value) => value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0 or 0xFFFC
        or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);

    private static string? NameOf(int value) => value switch
    {
        0x00 => "null", 0x08 => "backspace", 0x0D => "carriage return", 0x1B => "escape", 0x7F => "delete",
        0xA0 => "no-break space", 0xAD => "soft hyphen",
        0x061C => "Arabic letter mark", 0x200B => "zero-width space", 0x200C => "zero-width non-joiner", 0x200D => "zero-width joiner",
        0x200E => "left-to-right mark", 0x200F => "right-to-left mark", 0x2028 => "line separator", 0x2029 => "paragraph separator",
        0x202A => "left-to-right embedding", 0x202B => "right-to-left embedding", 0x202C => "end of direction change",
        0x202D => "left-to-right override", 0x202E => "right-to-left override", 0x2060 => "word joiner",
        0x2066 => "left-to-right isolate", 0x2067 => "right-to-left isolate", 0x2068 => "first-strong isolate", 0x2069 => "end of isolate",
        0xFEFF => "byte order mark",
        >= 0xE0000 and <= 0xE007F => "invisible tag character",
        >= 0xFE00 and <= 0xFE0F or >= 0xE0100 and <= 0xE01EF => "variation selector",
        >= 0xE000 and <= 0xF8FF => "private character",
        _ => null,
    };
}
