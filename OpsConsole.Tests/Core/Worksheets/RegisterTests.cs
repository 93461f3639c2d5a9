using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Worksheets;
using OpsConsole.Tests.Core.Authority;

namespace OpsConsole.Tests.Core.Worksheets;

public sealed class RegisterTests
{
    private static readonly FieldKey Field = new("canvas", null, "workflow");
    private static readonly DateTimeOffset Began = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    private static Patch Put(string id, string value, string author, int second, params string[] over) => new("rol_1", id, Field, over, value, author, Began.AddSeconds(second));

    /// <summary>What several people write, each over what they happened to have seen: each patch goes over some of those before it.</summary>
    internal static readonly Gen<IReadOnlyList<Patch>> Writing =
        from size in Gen.Choose(0, 12)
        from seeds in Gen.ArrayOf(Gen.Choose(0, 1 << 20), size)
        select (IReadOnlyList<Patch>)[.. seeds.Select((seed, i) =>
        {
            string[] over = [.. Enumerable.Range(0, i).Where(j => ((seed >> j) & 1) == 1).Select(j => $"p{j}")];
            return new Patch("rol_1", $"p{i}", new FieldKey("canvas", null, seed % 3 == 0 ? "users" : "workflow"), over, $"text {seed % 5}", $"person {seed % 4}", Began.AddSeconds(seed % 7));
        })];

    private static Gen<IReadOnlyList<Patch>> Delivered(IReadOnlyList<Patch> patches) =>
        from again in Gen.SubListOf<Patch>(patches.AsEnumerable())
        from order in Gen.Shuffle<Patch>(patches.Concat(again))
        select (IReadOnlyList<Patch>)order;

    [Fact]
    public void Patches_InAnyOrderAndTwice_Converge() => MatrixGenerators.Holds(Writing.SelectMany(p => Delivered(p).Select(d => (p, d))), pair =>
    {
        var (written, delivered) = pair;
        var (one, other) = (Register.Of(written), delivered.Aggregate(Register.Empty, (r, p) => r.With(p)));
        return one.Value == other.Value && one.Version == other.Version && one.Standing.Select(p => p.Id).SequenceEqual(other.Standing.Select(p => p.Id)) && one.History.Select(p => p.Id).SequenceEqual(other.History.Select(p => p.Id));
    }, 500);

    [Fact]
    public void Patches_WhateverCame_NoTextVanishes() => MatrixGenerators.Holds(Writing, written =>
    {
        var register = Register.Of(written);
        var replaced = written.SelectMany(p => p.Over).ToHashSet();
        return written.All(p => register.History.Contains(p)) && written.Where(p => !replaced.Contains(p.Id)).All(p => register.Rivals.Any(r => r.Value == p.Value));
    }, 500);

    [Fact]
    public void TwoWhoWroteOverTheSame_BothStand_UntilOneChooses()
    {
        var register = Register.Of([Put("a", "first", "ada", 0), Put("b", "Ada's", "ada", 2, "a"), Put("c", "Ben's", "ben", 1, "a")]);
        Assert.True(register.IsContested);
        Assert.Equal(["Ben's", "Ada's"], register.Rivals.Select(p => p.Value));
        Assert.Equal("Ben's", register.Value);
        var chosen = register.With(Put("d", "Ada's", "cleo", 5, "b", "c"));
        Assert.False(chosen.IsContested);
        Assert.Equal("Ada's", chosen.Value);
        Assert.Equal(4, chosen.Version);
    }

    [Fact]
    public void TwoWhoWroteTheSame_HaveNothingToChoose()
    {
        var register = Register.Of([Put("b", "same", "ada", 0), Put("c", "same", "ben", 1)]);
        Assert.False(register.IsContested);
        Assert.Equal("same", register.Value);
    }
}
