using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Audit;
using OpsConsole.Tests.Core.Authority;
using OpsConsole.Tests.Support;

namespace OpsConsole.Tests.Core.Audit;

public sealed class JcsTests
{
    [SharedTheory("vectors/jcs")]
    [InlineData("arrays")]
    [InlineData("french")]
    [InlineData("structures")]
    [InlineData("unicode")]
    [InlineData("values")]
    [InlineData("weird")]
    public void Bytes_OfficialVector_AreTheOfficialOnes(string name)
    {
        var actual = Jcs.Bytes(JsonElement.Parse(File.ReadAllBytes(SharedFolder.PathTo("vectors", "jcs", "input", name + ".json"))));
        var hex = string.Concat(File.ReadAllText(SharedFolder.PathTo("vectors", "jcs", "outhex", name + ".txt")).Where(char.IsAsciiHexDigit));
        Assert.Equal(hex, Convert.ToHexStringLower(actual));
    }

    // The first lines of the official number test, made by its algorithm (RFC 8785, appendix B: 'es6testfile'); the sums are published with it.
    [Theory]
    [InlineData("0,0", 0x0000000000000000)]
    [InlineData("8000000000000000,0", 0x8000000000000000)]
    [InlineData("4340000000000001,9007199254740994", 0x4340000000000001)]
    [InlineData("444b1ae4d6e2ef50,1e+21", 0x444b1ae4d6e2ef50)]
    [InlineData("3eb0c6f7a0b5ed8d,0.000001", 0x3eb0c6f7a0b5ed8d)]
    [InlineData("3eb0c6f7a0b5ed8c,9.999999999999997e-7", 0x3eb0c6f7a0b5ed8c)]
    [InlineData("1,5e-324", 0x0000000000000001)]
    [InlineData("7fefffffffffffff,1.7976931348623157e+308", 0x7fefffffffffffff)]
    [InlineData("43143ff3c1cb0959,1424953923781206.2", 0x43143ff3c1cb0959)]
    [InlineData("44b52d02c7e14af6,1e+23", 0x44b52d02c7e14af6)]
    [InlineData("41b3de4355555553,333333333.3333332", 0x41b3de4355555553)]
    [InlineData("becbf647612f3696,-0.0000033333333333333333", 0xbecbf647612f3696)]
    public void WriteNumber_OfficialSample_IsWrittenAsItSays(string line, ulong bits) =>
        Assert.Equal(line, bits.ToString("x", CultureInfo.InvariantCulture) + "," + Number(BitConverter.UInt64BitsToDouble(bits)));

    [Theory]
    [InlineData(-1e15, "-1000000000000000")]
    [InlineData(1e15 - 1, "999999999999999")]
    [InlineData(1e20, "100000000000000000000")]
    [InlineData(-123e19, "-1.23e+21")]
    [InlineData(0.1, "0.1")]
    [InlineData(-1.5, "-1.5")]
    public void WriteNumber_AroundTheLayouts_IsECMAScripts(double value, string expected) => Assert.Equal(expected, Number(value));

    [Fact]
    public void WriteNumber_RandomDoubles_ComeBack()
    {
        // The generator of the official test: chained SHA-256 blocks read as doubles.
        var (block, buffer) = (new byte[32], new ArrayBufferWriter<byte>());
        for (var i = 0; i < 20_000; i++)
        {
            if (i % 4 == 0) block = SHA256.HashData(block);
            var value = BinaryPrimitives.ReadDoubleLittleEndian(block.AsSpan(i % 4 * 8));
            if (!double.IsFinite(value)) continue;
            buffer.ResetWrittenCount();
            Jcs.WriteNumber(value, buffer);
            var element = JsonElement.Parse(buffer.WrittenSpan);
            Assert.Equal(value, element.GetDouble());
            Assert.Matches("^-?(0|[1-9][0-9]*)(\\.[0-9]*[1-9])?(e[+-][1-9][0-9]*)?$", Encoding.ASCII.GetString(buffer.WrittenSpan));
        }
    }

    [Fact]
    public void Text_CanonicalAgain_StaysAndIgnoresTheOrderOfKeys() => MatrixGenerators.Holds(
        from depth in Gen.Choose(0, 3) from json in Value(depth) from seed in Gen.Choose(0, 1_000_000) select (json, seed),
        x =>
        {
            var once = Jcs.Text(JsonElement.Parse(x.json));
            var shuffled = Shuffle(JsonElement.Parse(x.json), new Random(x.seed));
            return Jcs.Text(JsonElement.Parse(once)) == once && Jcs.Text(JsonElement.Parse(shuffled)) == once;
        }, 1_000);

    [Theory]
    [InlineData("\"\\ud800\"")]
    [InlineData("[\"x\\udc00y\"]")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("1e999")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":1,\"\\u0061\":2}")]
    public void Bytes_NoCanonicalForm_Throws(string json) => Assert.Throws<FormatException>(() => Jcs.Bytes(JsonElement.Parse(json)));

    [Fact]
    public void Bytes_Undefined_CountsAsNull() => Assert.Equal("null"u8.ToArray(), Jcs.Bytes(default));

    private static string Number(double value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Jcs.WriteNumber(value, buffer);
        return Encoding.ASCII.GetString(buffer.WrittenSpan);
    }

    private static readonly Gen<string> Text = Gen.Elements("", "a", "B", "aa", "é", "😀", "\u20ac", "\ufb33", "\r\n", "\"", "\\", "/", "\u007f", "\u0001", "</script>", "1").Select(s => JsonSerializer.Serialize(s));

    private static Gen<string> Value(int depth) => depth == 0
        ? Gen.OneOf(Text, Gen.Elements("null", "true", "false", "0", "-0", "1.0", "1e2", "100", "1E-7", "0.1e1", "333333333.33333329", "-1e+30"))
        : Gen.OneOf(
            Value(0),
            from n in Gen.Choose(0, 4) from items in Gen.ArrayOf(Value(depth - 1), n) select "[" + string.Join(" , ", items) + "]",
            from n in Gen.Choose(0, 6) from keys in Gen.ArrayOf(Text, n) from values in Gen.ArrayOf(Value(depth - 1), n)
            select "{" + string.Join(",", keys.Zip(values).DistinctBy(p => p.First).Select(p => p.First + ": " + p.Second)) + "}");

    private static string Shuffle(JsonElement value, Random random) => value.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", value.EnumerateObject().OrderBy(_ => random.Next()).Select(p => JsonSerializer.Serialize(p.Name) + ":" + Shuffle(p.Value, random))) + "}",
        JsonValueKind.Array => "[" + string.Join(",", value.EnumerateArray().Select(v => Shuffle(v, random))) + "]",
        _ => value.GetRawText(),
    };
}
