using System.Buffers.Binary;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace OpsConsole.Core.Toolkit;

/// <summary>What may stand as a logo on a document. It is drawn by a browser, so it is looked at before: how large it becomes, and that an SVG only draws.</summary>
public static class Picture
{
    /// <summary>Dots of a PNG or JPEG, and elements of an SVG.</summary>
    public const int MostDots = 4_000_000, MostElements = 2_000;

    // Whatever repeats, fetches or runs is left out: a few nested <use> make millions of shapes.
    private static readonly HashSet<string> Drawn = new(StringComparer.Ordinal) { "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "title", "desc", "metadata", "defs", "style", "linearGradient", "radialGradient", "stop", "clipPath" };

    /// <summary><c>image/png</c>, <c>image/jpeg</c> or <c>image/svg+xml</c>; null when it is none, or one that is not drawn here, and then <paramref name="wrong"/> says why and what to do.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> picture, out string? wrong)
    {
        (wrong, var type, var dots) = (null, null as string, 0L);
        if (picture.StartsWith(Png))
        {
            if (picture.Length >= 33 && picture[12..16].SequenceEqual("IHDR"u8)) (type, dots) = ("image/png", (long)BinaryPrimitives.ReadUInt32BigEndian(picture[16..]) * BinaryPrimitives.ReadUInt32BigEndian(picture[20..]));
        }
        else if (picture.StartsWith(Jpeg)) (type, dots) = ("image/jpeg", JpegDots(picture));
        else
        {
            wrong = SvgTrouble(picture);
            return wrong is null ? "image/svg+xml" : null;
        }
        wrong = type is null || dots == 0 ? "The picture is damaged. Save it anew as PNG, JPEG or SVG." : dots > MostDots ? $"The picture has more than {MostDots / 1_000_000} million dots. Save it smaller, or as SVG." : null;
        return wrong is null ? type : null;
    }

    // The frame header (SOF0 to SOF15, but for DHT, JPG and DAC) holds height and width; 0: there is none.
    private static long JpegDots(ReadOnlySpan<byte> picture)
    {
        for (var at = 2; at + 9 < picture.Length && picture[at] == 0xFF; at += 2 + BinaryPrimitives.ReadUInt16BigEndian(picture[(at + 2)..]))
            if (picture[at + 1] is >= 0xC0 and <= 0xCF and not 0xC4 and not 0xC8 and not 0xCC) return (long)BinaryPrimitives.ReadUInt16BigEndian(picture[(at + 5)..]) * BinaryPrimitives.ReadUInt16BigEndian(picture[(at + 7)..]);
        return 0;
    }

    private static string? SvgTrouble(ReadOnlySpan<byte> picture)
    {
        const string None = "The logo must be a PNG, JPEG or SVG picture.";
        var text = Encoding.UTF8.GetString(picture).TrimStart('\uFEFF');
        if (text.Contains("<!ENTITY", StringComparison.OrdinalIgnoreCase)) return "The SVG defines entities. Save it without them, or as PNG.";
        XElement root;
        try { root = XDocument.Parse(text).Root!; }
        catch (XmlException) { return None; }
        XNamespace svg = "http://www.w3.org/2000/svg";
        if (root.Name != svg + "svg") return None;
        if (root.DescendantsAndSelf().FirstOrDefault(e => e.Name.Namespace == svg && !Drawn.Contains(e.Name.LocalName)) is { } other) return $"The SVG has <{other.Name.LocalName}>, which is not drawn on documents. Save it as plain shapes, or as PNG.";
        return root.DescendantsAndSelf().Count() > MostElements ? $"The SVG has more than {MostElements} elements. Save it simpler, or as PNG." : null;
    }

    private static ReadOnlySpan<byte> Png => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];
    private static ReadOnlySpan<byte> Jpeg => [0xFF, 0xD8, 0xFF];
}
