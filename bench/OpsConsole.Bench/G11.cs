using System.Diagnostics;
using OpsConsole.Core.Access;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Agents;
using OpsConsole.Features.Approvals;
using OpsConsole.Features.Decisions;
using OpsConsole.Features.Home;

namespace OpsConsole.Bench;

/// <summary>
/// The first pages that people and scripts open, over a long history against a short one: two whole consoles run side by side in this process, each line is measured
/// short, long, short, and so on in turns. The API is asked over HTTP; what only pages use is asked of the service that the page uses.
/// </summary>
internal static class G11
{
    private const double Part = 1.10, Milliseconds = 1;
    private const int MostTries = 3, Turns = 8;

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var kept = arguments.Text("data");
        var root = kept ?? Path.Combine(Path.GetTempPath(), "opsconsole-bench-" + Guid.NewGuid().ToString("N"));
        var (few, many) = (arguments.Number("few", 1_000), arguments.Number("many", 1_000_000));
        try
        {
            var from = Stopwatch.GetTimestamp();
            var small = await History.InAsync(Path.Combine(root, "few"), few, arguments.Number("few-pending", 1_000));
            var large = await History.InAsync(Path.Combine(root, "many"), many, arguments.Number("many-pending", 100_000));
            Console.WriteLine($"  filled in {Stopwatch.GetElapsedTime(from).TotalSeconds:0} s; {new FileInfo(Path.Combine(root, "many", "opsconsole.db")).Length >> 20} MB");
            var worst = await G11Start.RunAsync(Path.Combine(root, "few"), small, Path.Combine(root, "many"), large);
            await using var shortOne = await Side.StartAsync(Path.Combine(root, "few"), small);
            await using var longOne = await Side.StartAsync(Path.Combine(root, "many"), large);
            var only = arguments.Text("only");
            foreach (var line in Lines().Where(l => only is null || l.Name.Contains(only, StringComparison.Ordinal))) worst = Math.Max(worst, await MeasureAsync(line, shortOne, longOne, TimeSpan.FromMilliseconds(arguments.Number("leg", 400))));
            return worst;
        }
        finally
        {
            if (kept is null) Directory.Delete(root, recursive: true);
        }
    }

    private static IEnumerable<Line> Lines()
    {
        yield return Page("queue", (s, ct) => Queue(s, s.Admin, new QueueFilter(null, false, false), ct), 51);
        yield return Page("queue, mine", (s, ct) => Queue(s, s.Admin, new QueueFilter(null, true, false), ct), 51);
        yield return Page("queue, high consequence", (s, ct) => Queue(s, s.Admin, new QueueFilter(null, false, true), ct), 51);
        yield return Page("queue, one rollout", (s, ct) => Queue(s, s.Admin, new QueueFilter(s.History.Rollouts[1], false, false), ct), 51);
        yield return Page("queue, by consequence", (s, ct) => Queue(s, s.Admin, new QueueFilter(Sort: QueueSort.Consequence), ct), 51);
        yield return Page("queue, by amount", (s, ct) => Queue(s, s.Admin, new QueueFilter(Sort: QueueSort.Amount), ct), 51);
        yield return Page("queue, by amount in one rollout", (s, ct) => Queue(s, s.Admin, new QueueFilter(s.History.Rollouts[1], Sort: QueueSort.Amount), ct), 51);
        yield return Page("queue, one agent", (s, ct) => Queue(s, s.Admin, new QueueFilter(AgentId: s.History.Agents[0]), ct), 51);
        yield return Page("queue, one action", (s, ct) => Queue(s, s.Admin, new QueueFilter(Action: "ticket.reply"), ct), 51);
        yield return Page("queue, one rule", (s, ct) => Queue(s, s.Admin, new QueueFilter(Rule: "R-2"), ct), 51);
        yield return Page("queue, a rare rule", (s, ct) => Queue(s, s.Admin, new QueueFilter(Rule: History.RareRule), ct), 51);
        yield return Page("queue, one rule in one rollout", (s, ct) => Queue(s, s.Admin, new QueueFilter(s.History.Rollouts[1], Rule: "R-2"), ct), 51);
        yield return Page("queue, a search for an action", (s, ct) => Queue(s, s.Admin, new QueueFilter(Search: "ticket reply"), ct), 51);
        yield return Page("queue, a search that finds nothing", (s, ct) => Queue(s, s.Admin, new QueueFilter(Search: "no such thing"), ct), 0);
        yield return Page("queue, its second page", async (s, ct) => (await s.Inbox.ReadAsync(s.Admin, new QueueFilter(), QueuePlace.Of((await s.Inbox.ReadAsync(s.Admin, new QueueFilter(), null, null, 50, ct)).Rows[^1]), null, 50, ct)).Rows, 50);
        yield return Get("GET approvals, by amount", _ => "/api/v1/approvals?sort=amount");
        yield return Page("queue, of a member", (s, ct) => Queue(s, s.Member, new QueueFilter(null, false, false), ct), 51);
        yield return Page("queue, a member's own", (s, ct) => Queue(s, s.Member, new QueueFilter(null, true, false), ct), 51);
        yield return Page("queue, an auditor's own (none)", (s, ct) => Queue(s, s.Auditor, new QueueFilter(null, true, false), ct), 0);
        yield return Get("GET approvals", _ => "/api/v1/approvals");
        yield return Get("GET approvals, pending", _ => "/api/v1/approvals?status=pending");
        yield return Get("GET approvals, rejected", _ => "/api/v1/approvals?status=rejected&limit=15", 15);
        yield return Get("GET approvals, expired (none)", _ => "/api/v1/approvals?status=expired", 0);
        yield return Get("GET approvals, pending in one rollout", s => "/api/v1/approvals?status=pending&rollout=" + s.Rollouts[2]);
        yield return Get("GET decisions", _ => "/api/v1/decisions");
        yield return Get("GET decisions, busy agent", s => "/api/v1/decisions?agent=" + s.Agents[0]);
        yield return Get("GET decisions, quiet agent", s => "/api/v1/decisions?agent=" + s.QuietAgent);
        yield return Get("GET decisions, allowed", _ => "/api/v1/decisions?outcome=allow");
        yield return Get("GET decisions, denied", _ => "/api/v1/decisions?outcome=deny");
        yield return Get("GET decisions, pending", _ => "/api/v1/decisions?outcome=pending");
        yield return Get("GET decisions, common action", _ => "/api/v1/decisions?action=ticket.reply");
        yield return Get("GET decisions, rare action", s => "/api/v1/decisions?action=" + s.QuietAction);
        yield return Get("GET decisions, big rollout", s => "/api/v1/decisions?rollout=" + s.Rollouts[0]);
        yield return Get("GET decisions, quiet rollout", s => "/api/v1/decisions?rollout=" + s.QuietRollout);
        yield return Get("GET decisions, from the middle on", s => "/api/v1/decisions?from=" + Day(s, 50));
        yield return Get("GET decisions, ten days in the middle", s => $"/api/v1/decisions?from={Day(s, 40)}&to={Day(s, 50)}");
        yield return Get("GET decisions, one run", s => "/api/v1/decisions?run=" + s.QuietRun);
        yield return Get("GET decisions, agent and denied", s => $"/api/v1/decisions?outcome=deny&agent={s.Agents[0]}", 5);
        yield return Get("GET decisions, unreported", _ => "/api/v1/decisions?unreported=true");
        yield return Page("decisions of a member", async (s, ct) => (await s.Search.SearchAsync(s.Member, new DecisionFilter(), null, 50, "", ct)).Value.Items, 50);
        yield return Page("decisions of a member, denied", async (s, ct) => (await s.Search.SearchAsync(s.Member, new DecisionFilter(Outcome: "deny"), null, 50, "", ct)).Value.Items, 10);
        yield return Page("unreported of a member", async (s, ct) => (await s.Search.SearchAsync(s.Member, new DecisionFilter(Unreported: true), null, 50, "", ct)).Value.Items, 10);
        yield return Page("search box, an action", (s, ct) => s.Everything.FindAsync(s.Admin, "ticket.reply", ct), 1);
        yield return Page("search box, nothing like it", (s, ct) => s.Everything.FindAsync(s.Admin, "no such thing", ct), 0);
        yield return Page("home", async (s, ct) => (await s.Home.LoadAsync(s.Admin, null, DateTimeOffset.UtcNow.Date, ct)).Rollouts, 5);
        yield return Page("home of a member", async (s, ct) => (await s.Home.LoadAsync(s.Member, null, DateTimeOffset.UtcNow.Date, ct)).Rollouts, 2);
        yield return Page<GrantView>("agent page", async (s, ct) =>
        {
            var (view, grants, keys, caps) = (await s.Agents.GetAsync(s.Admin, s.History.Agents[0], ct), await s.Agents.GrantsAsync(s.Admin, s.History.Agents[0], ct), await s.Agents.KeysAsync(s.Admin, s.History.Agents[0], ct), await s.Agents.CapsAsync(s.Admin, s.History.Agents[0], ct));
            return view.Ok && keys.Ok && caps.Ok ? grants.Value : [];
        }, 1);
    }

    private static async Task<IReadOnlyList<QueueRow>> Queue(Side side, PersonCaller me, QueueFilter filter, CancellationToken ct) => (await side.Inbox.ReadAsync(me, filter, null, null, 51, ct)).Rows;

    private static async Task<int> MeasureAsync(Line line, Side few, Side many, TimeSpan leg)
    {
        for (var attempt = 1; ; attempt++)
        {
            await AskAsync(line, few, leg / 2, []);
            await AskAsync(line, many, leg / 2, []);
            List<double> early = [], late = [], subjects = [];
            // In many short turns, so that what else the machine does meets both sides alike.
            for (var turn = 0; turn < Turns; turn++)
            {
                await AskAsync(line, few, leg / Turns, turn < Turns / 2 ? early : late);
                await AskAsync(line, many, leg / Turns, subjects);
            }
            await AskAsync(line, few, leg / Turns, late);
            var (before, subject, after) = (Median(early), Median(subjects), Median(late));
            var (baseline, moved) = ((before + after) / 2, Math.Max(before, after) / Math.Min(before, after) - 1);
            // Something else used the machine: what is measured again is the whole line, not only the leg that looks wrong.
            if (moved > 0.25 && attempt < MostTries) continue;
            var met = subject <= baseline * Part || subject <= baseline + Milliseconds;
            Console.WriteLine($"g11: {line.Name}: {subject:0.00} ms, {Math.Round(subject - baseline, 2) + 0d:+0.00;-0.00} ms, ratio {subject / baseline:0.00} (goal <= 1.10 or + 1 ms; baseline {before:0.00} then {after:0.00}) {(moved > 0.25 ? "INVALID" : met ? "met" : "MISSED")}");
            return moved > 0.25 ? 2 : met ? 0 : 1;
        }
    }

    private static async Task AskAsync(Line line, Side side, TimeSpan duration, List<double> milliseconds)
    {
        var asked = 0;
        for (var began = Stopwatch.GetTimestamp(); asked < 5 || Stopwatch.GetElapsedTime(began) < duration; asked++)
        {
            var from = Stopwatch.GetTimestamp();
            var rows = await line.Ask(side);
            milliseconds.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
            if (line.Rows == 0 ? rows != 0 : rows < line.Rows) throw new InvalidOperationException($"{line.Name}: {rows} rows where {line.Rows} were expected; this measures nothing.");
        }
    }

    private static double Median(List<double> times)
    {
        times.Sort();
        return times[times.Count / 2];
    }

    private static Line Page<T>(string name, Func<Side, CancellationToken, Task<IReadOnlyList<T>>> ask, int rows) => new(name, async side => (await ask(side, CancellationToken.None)).Count, rows);

    private static Line Get(string name, Func<History, string> path, int rows = 50) => new(name, side => side.GetAsync(path(side.History)), rows);

    private static string Day(History history, int day) => Uri.EscapeDataString(history.Began.AddDays(day).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture));

    private sealed record Line(string Name, Func<Side, Task<int>> Ask, int Rows);

    /// <summary>One of the two consoles, and how to ask it.</summary>
    private sealed class Side(ConsoleProgram program, History history, HttpConnection connection) : IAsyncDisposable
    {
        private readonly Dictionary<string, byte[]> _requests = [];

        public History History => history;
        public ApprovalInbox Inbox { get; } = program.Get<ApprovalInbox>();
        public DecisionSearch Search { get; } = program.Get<DecisionSearch>();
        public SearchEverything Everything { get; } = program.Get<SearchEverything>();
        public HomeBoard Home { get; } = program.Get<HomeBoard>();
        public AgentReader Agents { get; } = program.Get<AgentReader>();
        public PersonCaller Admin { get; } = new(program.Get<DurableWriter>().State.Directory.People[history.Seed.PersonId], null, "bench");
        public PersonCaller Member { get; } = new(program.Get<DurableWriter>().State.Directory.People[history.MemberId], null, "bench");

        /// <summary>Sees everything and decides nothing.</summary>
        public PersonCaller Auditor { get; } = new(new PersonEntry("per_auditor", "auditor@example.com", "Auditor", ConsoleRoles.Auditor, false, true, "", System.Collections.Frozen.FrozenSet<string>.Empty), null, "bench");

        public static async Task<Side> StartAsync(string folder, History history)
        {
            var program = await ConsoleProgram.StartAsync("OpsConsole:Data:Directory=" + folder, "Logging:LogLevel:Default=Warning");
            return new Side(program, history, await HttpConnection.OpenAsync(program.Address, CancellationToken.None));
        }

        /// <summary>How many items the page holds.</summary>
        public async Task<int> GetAsync(string path)
        {
            if (!_requests.TryGetValue(path, out var request)) _requests[path] = request = RequestTemplate.Get(program.Address, path, history.Seed.Token).Copy();
            var status = await connection.SendAsync(request, CancellationToken.None);
            if (status != 200) throw new InvalidOperationException($"GET {path}: {status} {System.Text.Encoding.UTF8.GetString(connection.LastBody.Span)}");
            return Count(connection.LastBody.Span, "\"agent_id\":"u8);
        }

        private static int Count(ReadOnlySpan<byte> body, ReadOnlySpan<byte> word)
        {
            var found = 0;
            for (int at; (at = body.IndexOf(word)) >= 0; body = body[(at + word.Length)..]) found++;
            return found;
        }

        public async ValueTask DisposeAsync()
        {
            connection.Dispose();
            await program.DisposeAsync();
        }
    }
}
