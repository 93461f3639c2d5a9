using System.Globalization;
using System.Text.Json;
using FsCheck.Fluent;
using OpsConsole.Core.Caps;
using OpsConsole.Tests.Core.Authority;

namespace OpsConsole.Tests.Core.Caps;

public sealed class CapLedgerTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 4, 9, 0, 0, TimeSpan.Zero);

    private static CapSpec Spec(params CapLimit[] limits) => CapSpec.None with { Limits = limits };

    [Fact]
    public void TryReserve_UpToTheLimit_ThenFullMeansFull()
    {
        var (ledger, spec) = (new CapLedger(), Spec(new CapLimit(CapUnit.Usd, CapSpan.Day, 10, false)));
        Assert.Null(Reserve(ledger, spec, 4));
        Assert.Same(spec.Limits[0], Reserve(ledger, spec, 7));
        Assert.Null(Reserve(ledger, spec, 6));
        Assert.NotNull(Reserve(ledger, spec, 0));   // costs nothing, but the budget is used up
    }

    [Fact]
    public void TryReserve_OneOfSeveralLimits_ReservesUnderNone()
    {
        var (ledger, spec) = (new CapLedger(), Spec(new CapLimit(CapUnit.Usd, CapSpan.Day, 100, false), new CapLimit(CapUnit.Decisions, CapSpan.Minute, 1, false)));
        Assert.Null(Reserve(ledger, spec, 10));
        Assert.Equal("cap.decisions.minute", Reserve(ledger, spec, 10)!.Code);
        Assert.Equal(10, ledger.Used(CapWindow.At("a", spec.Limits[0], null, At, TimeZoneInfo.Utc)!.Value));
    }

    [Fact]
    public void TryReserve_RunCapWithoutRun_CountsNothing() => Assert.Null(Reserve(new CapLedger(), Spec(new CapLimit(CapUnit.Usd, CapSpan.Run, 0, false)), 10));

    [Fact]
    public void RolledBack_AfterReserving_IsAsBefore()
    {
        var (ledger, spec) = (new CapLedger(), Spec(new CapLimit(CapUnit.Usd, CapSpan.Day, 10, false)));
        Reserve(ledger, spec, 4);
        ledger.Committed();
        Assert.False(ledger.HasDirty);
        Reserve(ledger, spec, 3);
        Reserve(ledger, spec, 3);
        Assert.Equal(10, Assert.Single(ledger.Dirty).Value);
        ledger.RolledBack();
        Assert.False(ledger.HasDirty);
        Assert.Null(Reserve(ledger, spec, 6));
        Assert.NotNull(Reserve(ledger, spec, 1));
    }

    [Fact]
    public void Ledger_AnyAmounts_NeverWraps() => MatrixGenerators.Holds(
        Gen.ArrayOf(from report in Gen.Elements(true, false) from part in Gen.Choose(0, 4) select (report, amount: part == 4 ? long.MaxValue : part * (long.MaxValue / 3)), 8),
        steps =>
        {
            var (ledger, spec) = (new CapLedger(), Spec(new CapLimit(CapUnit.Tokens, CapSpan.Day, long.MaxValue - 1, false)));
            var (window, used) = (CapWindow.At("a", spec.Limits[0], null, At, TimeZoneInfo.Utc)!.Value, (Int128)0);
            foreach (var (report, amount) in steps)
            {
                if (report) ledger.Add("a", spec, null, At, TimeZoneInfo.Utc, 0, amount, 0);
                else if (ledger.TryReserve("a", spec, null, At, TimeZoneInfo.Utc, 0, amount) is null != (used + amount < long.MaxValue && used < long.MaxValue - 1)) return false;
                else if (used + amount >= long.MaxValue || used >= long.MaxValue - 1) continue;
                used = Int128.Min(used + amount, long.MaxValue);
                if (ledger.Used(window) != used) return false;
            }
            return true;
        });

    /// <summary>Random lives of reservations: reserved, settled for at most what was reserved, given back, rolled back; against a model that keeps every reservation apart.</summary>
    [Fact]
    public void Ledger_AnyOrderOfReserveSettleReleaseRollback_IsNeverExceeded() => MatrixGenerators.Holds(
        Gen.ArrayOf(from verb in Gen.Choose(0, 5) from amount in Gen.Choose(0, 40) from which in Gen.Choose(0, 30) select (verb, amount, which), 60),
        steps =>
        {
            var spec = Spec(new CapLimit(CapUnit.Usd, CapSpan.Day, 100, false), new CapLimit(CapUnit.Tokens, CapSpan.Run, 70, false), new CapLimit(CapUnit.Decisions, CapSpan.Hour, 6, false));
            var ledger = new CapLedger();
            var (live, committed) = (new List<(long Usd, long Tokens)>(), new List<(long Usd, long Tokens)>());
            foreach (var (verb, amount, which) in steps)
            {
                switch (verb)
                {
                    case 0 or 1:
                        var fits = live.Sum(l => l.Usd) + amount <= 100 && live.Sum(l => l.Usd) < 100 && live.Sum(l => l.Tokens) + which <= 70 && live.Sum(l => l.Tokens) < 70 && live.Count < 6;
                        if (ledger.TryReserve("a", spec, "r", At, TimeZoneInfo.Utc, amount, which) is null != fits) return false;
                        if (fits) live.Add((amount, which));
                        break;
                    case 2 when live.Count > 0:
                        var i = which % live.Count;
                        var real = (Usd: Math.Min(amount, live[i].Usd), live[i].Tokens);
                        ledger.Add("a", spec, "r", At, TimeZoneInfo.Utc, real.Usd - live[i].Usd, 0, 0);
                        live[i] = real;
                        break;
                    case 3 when live.Count > 0:
                        var gone = live[which % live.Count];
                        ledger.Add("a", spec, "r", At, TimeZoneInfo.Utc, -gone.Usd, -gone.Tokens, -1);
                        live.RemoveAt(which % live.Count);
                        break;
                    case 4:
                        ledger.Committed();
                        committed = [.. live];
                        break;
                    case 5:
                        ledger.RolledBack();
                        live = [.. committed];
                        break;
                }
                long[] used = [.. spec.Limits.Select(l => ledger.Used(CapWindow.At("a", l, "r", At, TimeZoneInfo.Utc)!.Value))];
                if (!used.SequenceEqual([live.Sum(l => l.Usd), live.Sum(l => l.Tokens), live.Count]) || used[0] > 100 || used[1] > 70 || used[2] > 6) return false;
            }
            return true;
        }, 500);

    private static CapLimit? Reserve(CapLedger ledger, CapSpec spec, long usd) => ledger.TryReserve("a", spec, null, At, TimeZoneInfo.Utc, usd, 0);
}

public sealed class CapWindowTests
{
    private static readonly string[] Zones = ["UTC", "Europe/Berlin", "America/New_York", "America/Havana", "Atlantic/Azores", "Asia/Kathmandu", "Africa/Cairo", "Asia/Beirut", "America/Santiago", "Australia/Lord_Howe", "Pacific/Kiritimati"];

    [Fact]
    public void Start_AnyMomentInAnyZone_IsTheFirstMomentOfItsWindow() => MatrixGenerators.Holds(
        from zone in Gen.Elements(Zones) from minutes in Gen.Choose(0, 2 * 366 * 24 * 60) from span in Gen.Elements(CapSpan.Minute, CapSpan.Hour, CapSpan.Day) select (zone, minutes, span),
        x =>
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(x.zone);
            var at = new DateTimeOffset(2025, 1, 1, 0, 0, 17, TimeSpan.Zero).AddMinutes(x.minutes);
            var start = CapWindow.Start(x.span, at, zone)!.Value;
            return start <= at && Key(x.span, start, zone) == Key(x.span, at, zone) && Key(x.span, start.AddTicks(-1), zone) != Key(x.span, at, zone);
        }, 5_000);

    [Fact]
    public void Start_DayWhoseMidnightComesTwice_IsTheFirst()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("America/Havana");   // back from 01:00 to 00:00 on the first Sunday of November
        Assert.Equal(new DateTimeOffset(2025, 11, 2, 4, 0, 0, TimeSpan.Zero), CapWindow.Start(CapSpan.Day, new(2025, 11, 2, 12, 0, 0, TimeSpan.Zero), zone));
    }

    [Fact]
    public void Start_DayWhoseMidnightDoesNotExist_IsTheFirstMomentThatDoes()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Africa/Cairo");   // from 00:00 to 01:00 on the last Friday of April
        Assert.Equal(new DateTimeOffset(2025, 4, 24, 22, 0, 0, TimeSpan.Zero), CapWindow.Start(CapSpan.Day, new(2025, 4, 25, 12, 0, 0, TimeSpan.Zero), zone));
    }

    [Theory]
    [InlineData("2025-03-29T23:30:00Z", "day:2025-03-30")]
    [InlineData("2025-03-30T21:59:00Z", "day:2025-03-30")]
    [InlineData("2025-03-30T22:00:00Z", "day:2025-03-31")]
    public void At_DayOfTwentyThreeHours_IsTheRolloutsDay(string at, string key) =>
        Assert.Equal(key, Key(CapSpan.Day, DateTimeOffset.Parse(at, CultureInfo.InvariantCulture), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")));

    [Fact]
    public void At_OtherCultures_GivesTheSameKeys()
    {
        var (before, at) = (CultureInfo.CurrentCulture, new DateTimeOffset(2026, 3, 4, 9, 0, 0, TimeSpan.Zero));
        try
        {
            foreach (var culture in (string[])["th-TH", "ar-SA", "fa-IR", "da-DK"])
            {
                CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
                Assert.Equal(("minute:2026-03-04T09:00", "hour:2026-03-04T09", "day:2026-03-04"), (Key(CapSpan.Minute, at, TimeZoneInfo.Utc), Key(CapSpan.Hour, at, TimeZoneInfo.Utc), Key(CapSpan.Day, at, TimeZoneInfo.Utc)));
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static string Key(CapSpan span, DateTimeOffset at, TimeZoneInfo zone) => CapWindow.At("a", new CapLimit(CapUnit.Usd, span, 1, false), null, at, zone)!.Value.Key;
}

public sealed class LoopDetectorTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 4, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Seen_RandomCalls_AgreesWithCounting() => MatrixGenerators.Holds(
        from same in Gen.Choose(1, 4) from calls in Gen.ArrayOf(from wait in Gen.Choose(0, 40) from digest in Gen.Choose(0, 2) from run in Gen.Elements<string?>(null, "r") select (wait, digest, run), 80) select (same, calls),
        x =>
        {
            var (detector, history, now) = (new LoopDetector(), new List<(int, string?, DateTimeOffset)>(), At);
            foreach (var (wait, digest, run) in x.calls)
            {
                now += TimeSpan.FromSeconds(wait);
                history.Add((digest, run, now));
                var within = history.Count(h => h.Item1 == digest && h.Item2 == run && h.Item3 > now - TimeSpan.FromMinutes(1));
                if (detector.Seen("a", run, Digest(digest), now, x.same, TimeSpan.FromMinutes(1)) != (within > x.same)) return false;
            }
            return true;
        }, 500);

    [Fact]
    public void Seen_OtherAgentRunOrDigest_IsAnotherCall()
    {
        var detector = new LoopDetector();
        Assert.False(detector.Seen("a", "r", Digest(1), At, 1, TimeSpan.FromMinutes(1)));
        Assert.False(detector.Seen("b", "r", Digest(1), At, 1, TimeSpan.FromMinutes(1)));
        Assert.False(detector.Seen("a", "s", Digest(1), At, 1, TimeSpan.FromMinutes(1)));
        Assert.False(detector.Seen("a", "r", Digest(2), At, 1, TimeSpan.FromMinutes(1)));
        Assert.True(detector.Seen("a", "r", Digest(1), At, 1, TimeSpan.FromMinutes(1)));
        detector.Forget();
        Assert.False(detector.Seen("a", "r", Digest(1), At, 1, TimeSpan.FromMinutes(1)));
    }

    private static byte[] Digest(int n) => System.Security.Cryptography.SHA256.HashData([(byte)n]);
}

public sealed class CapJsonTests
{
    [Fact]
    public void Parse_TheContractsExample_IsRead()
    {
        var caps = Parse("""{ "usd": { "run": "5.00", "hour": null, "day": "40.00", "pause": false }, "tokens": { }, "decisions": { "minute": 600, "pause": true }, "repeat": { "same_call": 5, "window": "PT1M" }, "default_reserve": { "usd": "0.01" } }""").Value;
        Assert.Equal([new(CapUnit.Usd, CapSpan.Run, 5_000_000, false), new(CapUnit.Usd, CapSpan.Day, 40_000_000, false), new(CapUnit.Decisions, CapSpan.Minute, 600, true)], caps.Limits);
        Assert.Equal((5, TimeSpan.FromMinutes(1), 10_000L, 0L), (caps.SameCall, caps.SameCallWindow, caps.ReserveUsd, caps.ReserveTokens));
    }

    [Fact]
    public void Parse_Nothing_IsNoCapsAndTheLoopRule()
    {
        var caps = Parse("""{"usd":null}""").Value;
        Assert.Empty(caps.Limits);
        Assert.Equal((20, TimeSpan.FromMinutes(1)), (caps.SameCall, caps.SameCallWindow));
    }

    [Theory]
    [InlineData("[]", "field.invalid", null)]
    [InlineData("""{"euro":{"day":"1"}}""", "field.unknown", "euro")]
    [InlineData("""{"usd":{"week":"1"}}""", "field.unknown", "usd.week")]
    [InlineData("""{"usd":{"day":"-1"}}""", "field.invalid", "usd.day")]
    [InlineData("""{"usd":{"day":true}}""", "field.invalid", "usd.day")]
    [InlineData("""{"usd":{"pause":"yes"}}""", "field.invalid", "usd.pause")]
    [InlineData("""{"usd":5}""", "field.invalid", "usd")]
    [InlineData("""{"tokens":{"day":1.5}}""", "field.invalid", "tokens.day")]
    [InlineData("""{"decisions":{"minute":-1}}""", "field.invalid", "decisions.minute")]
    [InlineData("""{"repeat":{"same_call":0}}""", "field.invalid", "repeat.same_call")]
    [InlineData("""{"repeat":{"window":"PT2H"}}""", "field.invalid", "repeat.window")]
    [InlineData("""{"default_reserve":{"euro":"1"}}""", "field.unknown", "default_reserve.euro")]
    public void Parse_Wrong_NamesTheField(string json, string code, string? field)
    {
        var fault = Parse(json).Fault;
        Assert.Equal((code, field), (fault?.Code, fault?.Field));
    }

    private static OpsConsole.Core.Shared.Result<CapSpec> Parse(string json) => CapJson.Parse(JsonElement.Parse(json), DateTimeOffset.UnixEpoch);
}
