using System.Globalization;
using FsCheck.Fluent;
using OpsConsole.Core.Shared;
using OpsConsole.Tests.Core.Authority;

namespace OpsConsole.Tests.Core.Shared;

public sealed class IdsTests
{
    [Fact]
    public void Make_AnySequenceNumber_ComesBackAndKeepsItsOrder() => MatrixGenerators.Holds(
        from a in Gen.Choose(1, int.MaxValue) from b in Gen.Choose(0, int.MaxValue) from random in Gen.ArrayOf(Gen.Choose(0, 255).Select(i => (byte)i), 8) select (First: (long)a, Second: ((long)b << 31) | (uint)a, random),
        x =>
        {
            var (one, other) = (Ids.Make("dec", x.First, x.random), Ids.Make("dec", x.Second, x.random));
            return Ids.TrySeq(one, "dec", out var first) && first == x.First && Ids.TrySeq(other, "dec", out var second) && second == x.Second
                && Math.Sign(string.CompareOrdinal(one, other)) == Math.Sign(x.First.CompareTo(x.Second))
                && Ids.TrySeq(Ids.Rename(one, "apr"), "apr", out var renamed) && renamed == x.First && one.Length == 30;
        }, 1_000);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("dec_")]
    [InlineData("apr_000000000001d0000000000000")]
    [InlineData("dec_000000000000000000000000000")]
    [InlineData("dec_0000000000001OOOOOOOOOOOOO0")]
    [InlineData("dec-00000000000010000000000000")]
    [InlineData("dec_0000000000i010000000000000")]
    [InlineData("dec_00000000000000000000000000")]
    [InlineData("dec_zzzzzzzzzzzzz0000000000000")]
    public void TrySeq_AnythingElse_IsRefused(string? id) => Assert.False(Ids.TrySeq(id, "dec", out _));

    [Fact]
    public void Random_EveryByte_Matters()
    {
        var zero = Ids.Random("agt", new byte[10]);
        Assert.Equal("agt_0000000000000000", zero);
        Assert.Equal(80, Enumerable.Range(0, 80).Select(bit =>
        {
            var bytes = new byte[10];
            bytes[bit / 8] = (byte)(1 << (bit % 8));
            return Ids.Random("agt", bytes);
        }).Append(zero).Distinct().Count() - 1);
    }
}

public sealed class MoneyTests
{
    [Theory]
    [InlineData("0.0125", 12_500)]
    [InlineData("40", 40_000_000)]
    [InlineData("0", 0)]
    [InlineData("0.0000001", 1)]
    [InlineData("1.0000001", 1_000_001)]
    [InlineData("1e-7", 1)]
    [InlineData("1e-28", 1)]
    [InlineData("0.000e-99", 0)]
    [InlineData("1E2", 100_000_000)]
    [InlineData("1000000000", Money.Max)]
    public void TryParse_Amount_IsRoundedUpToMicros(string text, long micros)
    {
        Assert.True(Money.TryParse(text, out var parsed));
        Assert.Equal(micros, parsed);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1,5")]
    [InlineData("$1")]
    [InlineData("")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("1e400")]
    [InlineData("1000000000.01")]
    [InlineData("0x10")]
    [InlineData("1e-29")]
    [InlineData("5E-400")]
    [InlineData("0.00000000000000000000000000000000001")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(Money.TryParse(text, out _));

    [Fact]
    public void ToWire_AnyAmount_ComesBackInAnyCulture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            MatrixGenerators.Holds(from n in Gen.Choose(0, int.MaxValue) from m in Gen.Choose(0, 400_000) select ((long)n * m), micros => Money.TryParse(Money.ToWire(micros), out var back) && back == micros, 500);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
