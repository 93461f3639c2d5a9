using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Reliability;

namespace OpsConsole.Tests.Core.Reliability;

public sealed class AgreementTests
{
    /// <summary>Square, of 1 to 5 answers, with many empty cells.</summary>
    private static readonly Gen<long[][]> Any = Gen.Choose(1, 5).SelectMany(size => Gen.ArrayOf(Gen.ArrayOf(Gen.OneOf(Gen.Constant(0), Gen.Choose(0, 30), Gen.Choose(0, 1_000_000)).Select(n => (long)n), size), size));

    public static TheoryData<long[][], double, double?, double?> Golden => new()
    {
        { [[20, 20], [10, 50]], 0.3478, 0.70, null },
        { [[75, 1, 4], [5, 4, 1], [0, 0, 10]], 0.6765, 0.89, 0.66 },
        { [[85, 5], [5, 5]], 0.4444, 0.90, null },
        { [[45, 5], [5, 45]], 0.8000, 0.90, null },
        { [[55, 25], [27, 93]], 0.4606, 0.74, null },
        { [[142, 42], [10, 6]], 0.0767, 0.74, null },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void Kappa_OfNumbersMd(long[][] matrix, double kappa, double? observed, double? expected)
    {
        var agreement = Agreement.Of(matrix);
        Assert.Equal(kappa, agreement.Kappa!.Value, 4);
        if (observed is { } po)
        {
            Assert.Equal(po, agreement.Observed!.Value, 4);
            Assert.Equal(2 * po - 1, agreement.TwiceObservedLessOne!.Value, 4);
        }
        if (expected is { } pe) Assert.Equal(pe, agreement.Expected!.Value, 4);
    }

    [Fact]
    public void Interval_IsThatOfTheStandardError()
    {
        var agreement = Agreement.Of([[20, 20], [10, 50]]);      // po .70, pe .54, n 100
        Assert.Equal(100, agreement.N);
        Assert.Equal(Math.Sqrt(0.7 * 0.3 / 100) / 0.46, agreement.StandardError!.Value, 12);
        Assert.Equal(0.3478 - 1.959964 * 0.0996, agreement.Interval!.Value.Low, 3);
        Assert.Equal(0.3478 + 1.959964 * 0.0996, agreement.Interval!.Value.High, 3);
    }

    [Fact]
    public void ChanceAloneAgreesAlways_KappaIsUndefined_TheRestIsSaid()
    {
        foreach (var matrix in (long[][][])[[[40, 0], [0, 0]], [[0, 0, 0], [0, 7, 0], [0, 0, 0]], [[3]]])
        {
            var agreement = Agreement.Of(matrix);
            Assert.Equal((1.0, 1.0, 1.0), (agreement.Observed, agreement.Expected, agreement.TwiceObservedLessOne));
            Assert.Equal((null, null, null), (agreement.Kappa, agreement.StandardError, agreement.Interval));
        }
    }

    [Fact]
    public void WithoutACase_NothingIsDefined()
    {
        var agreement = Agreement.Of([[0, 0], [0, 0]]);
        Assert.Equal(0, agreement.N);
        Assert.Equal((null, null, null, null, null), (agreement.Observed, agreement.Expected, agreement.Kappa, agreement.TwiceObservedLessOne, agreement.Interval));
    }

    [Fact]
    public void AllAgree_KappaIsOne_ButNoIntervalClaimsCertainty()
    {
        var agreement = Agreement.Of([[2, 0], [0, 1]]);
        Assert.Equal((1.0, 0.0, null), (agreement.Kappa, agreement.StandardError, agreement.Interval));
        Assert.Equal(-1, Agreement.Of([[0, 5], [5, 0]]).Kappa!.Value, 12);
    }

    [Fact]
    public void BadMatrices_AreSaidInWords()
    {
        Assert.Contains("at least one row", Assert.Throws<ArgumentException>(() => Agreement.Of([])).Message, StringComparison.Ordinal);
        Assert.Contains("row 2 has 1 counts", Assert.Throws<ArgumentException>(() => Agreement.Of([[1, 2], [3]])).Message, StringComparison.Ordinal);
        Assert.Contains("square", Assert.Throws<ArgumentException>(() => Agreement.Of([[1, 2]])).Message, StringComparison.Ordinal);
        Assert.Contains("negative counts: row 2", Assert.Throws<ArgumentException>(() => Agreement.Of([[1, 2], [-3, 1]])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Kappa_AnyMatrix_LiesInItsBounds_OrIsUndefinedWhereAllIsInOneCell() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(Any.ToArbitrary(), matrix =>
    {
        var a = Agreement.Of(matrix);
        if (a.N == 0) return a.Kappa is null;
        var oneCell = Enumerable.Range(0, matrix.Length).Any(i => matrix[i][i] == a.N);
        return (a.Kappa is null) == oneCell && (a.Kappa is not { } kappa || (kappa is >= -1 and <= 1 && kappa <= a.Observed + 1e-12 && double.IsFinite(a.StandardError!.Value)
            && (a.Interval is not { } i || (i.Low >= -1 && i.High <= 1 && i.Low <= kappa && kappa <= i.High))));
    }));

    [Fact]
    public void Kappa_OtherOrderOfAnswers_OrJudgesChanged_IsTheSame() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(
        Any.SelectMany(m => Gen.Shuffle(Enumerable.Range(0, m.Length)).Select(order => (m, order))).ToArbitrary(), x =>
        {
            long[][] relabelled = [.. x.order.Select(i => x.order.Select(j => x.m[i][j]).ToArray())], transposed = [.. x.m.Select((_, i) => x.m.Select(row => row[i]).ToArray())];
            var (a, b, c) = (Agreement.Of(x.m), Agreement.Of(relabelled), Agreement.Of(transposed));
            return (a.Kappa, a.Expected, a.StandardError, a.Interval) == (b.Kappa, b.Expected, b.StandardError, b.Interval) && (a.Kappa, a.Expected, a.StandardError, a.Interval) == (c.Kappa, c.Expected, c.StandardError, c.Interval);
        }));
}
