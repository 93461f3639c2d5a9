using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace OpsConsole.Core.Audit;

/// <summary>
/// RFC 8785 (JSON Canonicalization Scheme): one text for one value, so that a hash of it means something. Keys sorted by UTF-16 code units,
/// numbers in ECMAScript's shortest form, the least escaping. Throws <see cref="FormatException"/> for what has no canonical form:
/// lone surrogates and numbers beyond IEEE 754 double range.
/// </summary>
public static class Jcs
{
    // One buffer per thread: nearly every canonical text is small, and made once per call.
    [ThreadStatic] private static ArrayBufferWriter<byte>? _scratch;

    /// <summary>The canonical UTF-8 bytes of a value; an undefined element counts as <c>null</c>.</summary>
    public static byte[] Bytes(JsonElement value) => Scratch(value).ToArray();

    public static string Text(JsonElement value) => Encoding.UTF8.GetString(Scratch(value));

    private static ReadOnlySpan<byte> Scratch(JsonElement value)
    {
        var buffer = _scratch ??= new ArrayBufferWriter<byte>(4096);
        buffer.ResetWrittenCount();
        Write(value, buffer);
        if (buffer.Capacity > 64 * 1024) _scratch = null;
        return buffer.WrittenSpan;
    }

    public static void Write(JsonElement value, IBufferWriter<byte> into)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object: WriteObject(value, into); break;
            case JsonValueKind.Array:
                Raw("["u8, into);
                var first = true;
                foreach (var item in value.EnumerateArray())
                {
                    if (!first) Raw(","u8, into);
                    first = false;
                    Write(item, into);
                }
                Raw("]"u8, into);
                break;
            case JsonValueKind.String:
                // Without escapes the text is canonical as it stands: JSON allows nothing raw that would need one.
                var raw = JsonMarshal.GetRawUtf8Value(value);
                if (!raw.Contains((byte)'\\') && System.Text.Unicode.Utf8.IsValid(raw)) Raw(raw, into);
                else WriteString(Decoded(value, static v => v.GetString()!), into);
                break;
            case JsonValueKind.Number: WriteNumber(value.GetDouble(), into); break;
            case JsonValueKind.True: Raw("true"u8, into); break;
            case JsonValueKind.False: Raw("false"u8, into); break;
            default: Raw("null"u8, into); break;
        }
    }

    private static string Decoded<T>(T source, Func<T, string> read)
    {
        try
        {
            return read(source);
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("The text holds half a surrogate pair.", e);   // as the reader of System.Text.Json says it
        }
    }

    private static void WriteObject(JsonElement value, IBufferWriter<byte> into)
    {
        var count = value.GetPropertyCount();
        var rented = ArrayPool<JsonProperty>.Shared.Rent(Math.Max(count, 1));
        var properties = rented.AsSpan(0, count);
        var i = 0;
        foreach (var property in value.EnumerateObject()) properties[i++] = property;
        if (count > 1) properties.Sort(static (a, b) => Compare(a, b));
        Raw("{"u8, into);
        for (i = 0; i < count; i++)
        {
            if (i > 0)
            {
                if (Compare(properties[i - 1], properties[i]) == 0) throw new FormatException($"The key \"{properties[i].Name}\" stands twice.");
                Raw(","u8, into);
            }
            var name = JsonMarshal.GetRawUtf8PropertyName(properties[i]);
            if (IsPlain(name))
            {
                Raw("\""u8, into);
                Raw(name, into);
                Raw("\""u8, into);
            }
            else
            {
                WriteString(Decoded(properties[i], static p => p.Name), into);
            }
            Raw(":"u8, into);
            Write(properties[i].Value, into);
        }
        Raw("}"u8, into);
        properties.Clear();
        ArrayPool<JsonProperty>.Shared.Return(rented);
    }

    // By UTF-16 code units; for ASCII that is the order of the bytes, and no text is made for it.
    private static int Compare(JsonProperty a, JsonProperty b)
    {
        var left = JsonMarshal.GetRawUtf8PropertyName(a);
        var right = JsonMarshal.GetRawUtf8PropertyName(b);
        return IsPlain(left) && IsPlain(right) ? left.SequenceCompareTo(right) : string.CompareOrdinal(Decoded(a, static p => p.Name), Decoded(b, static p => p.Name));
    }

    private static bool IsPlain(ReadOnlySpan<byte> name) => Ascii.IsValid(name) && !name.Contains((byte)'\\');

    public static void WriteString(string text, IBufferWriter<byte> into)
    {
        Raw("\""u8, into);
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var plain = rest.IndexOfAny(Escaped);
            var run = plain < 0 ? rest : rest[..plain];
            if (!run.IsEmpty) WriteUtf8(run, into);
            if (plain < 0) break;
            WriteEscape(rest[plain], into);
            rest = rest[(plain + 1)..];
        }
        Raw("\""u8, into);
    }

    private static readonly SearchValues<char> Escaped = SearchValues.Create([.. Enumerable.Range(0, 32).Select(c => (char)c), '"', '\\']);

    private static void WriteUtf8(ReadOnlySpan<char> run, IBufferWriter<byte> into)
    {
        var target = into.GetSpan(run.Length * 3);
        var status = System.Text.Unicode.Utf8.FromUtf16(run, target, out _, out var written, replaceInvalidSequences: false);
        if (status != OperationStatus.Done) throw new FormatException("The text holds half a surrogate pair.");
        into.Advance(written);
    }

    private static void WriteEscape(char c, IBufferWriter<byte> into)
    {
        switch (c)
        {
            case '"': Raw("\\\""u8, into); break;
            case '\\': Raw("\\\\"u8, into); break;
            case '\b': Raw("\\b"u8, into); break;
            case '\t': Raw("\\t"u8, into); break;
            case '\n': Raw("\\n"u8, into); break;
            case '\f': Raw("\\f"u8, into); break;
            case '\r': Raw("\\r"u8, into); break;
            default: Raw(Encoding.ASCII.GetBytes($"\\u{(int)c:x4}"), into); break;
        }
    }

    /// <summary>ECMAScript's Number::toString (ECMA-262 6.1.6.1.20) from .NET's shortest round-trip digits.</summary>
    public static void WriteNumber(double value, IBufferWriter<byte> into)
    {
        if (!double.IsFinite(value)) throw new FormatException("The number is beyond the range of a double.");
        if (value == 0)
        {
            Raw("0"u8, into);   // also −0
            return;
        }
        if (Math.Abs(value) < 1e15 && value == Math.Truncate(value))
        {
            var whole = into.GetSpan(24);
            ((long)value).TryFormat(whole, out var length, default, CultureInfo.InvariantCulture);
            into.Advance(length);
            return;
        }
        // "E16" keeps trailing digits; "R" is the shortest: take its digits and exponent apart and lay them out anew.
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var mantissaEnd = shortest.IndexOf('E');
        var exponent = mantissaEnd < 0 ? 0 : int.Parse(shortest.AsSpan(mantissaEnd + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = mantissaEnd < 0 ? shortest : shortest[..mantissaEnd];
        var point = mantissa.IndexOf('.');
        var digits = point < 0 ? mantissa : mantissa.Remove(point, 1);
        var n = (point < 0 ? mantissa.Length : point) + exponent;       // value = 0.digits × 10^n
        var leading = digits.Length - digits.TrimStart('0').Length;
        digits = digits.TrimStart('0').TrimEnd('0');
        n -= leading;
        var k = digits.Length;
        var text = n switch
        {
            _ when k <= n && n <= 21 => digits + new string('0', n - k),
            > 0 and <= 21 => digits.Insert(n, "."),
            > -6 and <= 0 => "0." + new string('0', -n) + digits,
            _ => (k == 1 ? digits : digits.Insert(1, ".")) + "e" + (n - 1 >= 0 ? "+" : "-") + Math.Abs(n - 1).ToString(CultureInfo.InvariantCulture),
        };
        if (value < 0) Raw("-"u8, into);
        Raw(Encoding.ASCII.GetBytes(text), into);
    }

    private static void Raw(ReadOnlySpan<byte> bytes, IBufferWriter<byte> into) => into.Write(bytes);
}
