using OpsConsole.Bench;

// One program per row of performance goals, each with its baseline in the same run. Exit codes: 0 the goal is met, 1 it is not, 2 the
// baseline moved too much for the run to say anything, 64 no such program.
var programs = new SortedDictionary<string, (string What, Func<Arguments, Task<int>> Run)>(StringComparer.Ordinal)
{
    ["check"] = ("the apparatus itself: the bare endpoint against the bare endpoint must come out as 1", Check.RunAsync),
    ["analysis"] = ("findings and coverage map of 300 rules and 50 actions, and of the worst matrix of that size, against 100,000 evaluations", AnalysisOfMatrix.RunAsync),
    ["typing"] = ("from a key to its character in a matrix of 300 rules and 50 actions while the analysis runs, against a bare input (needs Chromium)", Typing.RunAsync),
    ["seed"] = ("fills an empty database (--data FOLDER or --postgres CONNECTION) and prints keys and ids as JSON, for the scripts", SeedCommand.RunAsync),
    ["profile"] = ("the decision path alone under load, for a profiler to look at", G1.ProfileAsync),
    ["g1"] = ("a durable decision against a bare endpoint in the same process, 32 and 256 callers", G1.RunAsync),
    ["g2"] = ("the console against fastify + better-sqlite3; under slowdisk/run.sh with a higher goal", G2.RunAsync),
    ["g4"] = ("latencies at half of the peak rate", G4.RunAsync),
    ["g5"] = ("one policy evaluation at 10 and at 10,000 rules", G5.RunAsync),
    ["g6"] = ("verification of the audit log against bare SHA-256 over the same bytes, and what recording an entry costs", G6.RunAsync),
    ["g7"] = ("1,000 reviewers on the hub: from the question of an agent to each of them, and what that costs the agent", G7.RunAsync),
    ["g7pages"] = ("500 open approvals pages: from the question of an agent to the row at each of them", G7.PagesAsync),
    ["g8"] = ("1,000 waiting agents: from the committed verdict to the agent's answer", G8.RunAsync),
    ["g9"] = ("managed memory of one circuit on the approvals page with 50 rows (needs Chromium)", G9.RunAsync),
    ["g12"] = ("a weekly report out of the roll-ups against the rows, over a million decisions", G12.RunAsync),
    ["g16"] = ("the filled-in toolkit as a PDF, cold and warm, against the bare browser; twenty at once while decisions are asked (needs Chromium and pdfinfo)", G16.RunAsync),
    ["desk"] = ("twenty mixed requests cleared with the keyboard alone: how many keys, how long (needs Chromium)", DeskBench.RunAsync),
    ["workshop"] = ("fifty people on one worksheet, five write: from a word to all screens, against two people; memory per circuit (needs Chromium)", WorkshopBench.RunAsync),
    ["replay"] = ("a draft replayed over a million decisions: how long it takes, and the p99 of decisions meanwhile against without", ReplayBench.RunAsync),
    ["g11"] = ("first pages of the lists and the start, over a million decisions against over a thousand", G11.RunAsync),
};

if (args.Length == 0 || !programs.TryGetValue(args[0], out var program))
{
    Console.WriteLine("Usage: dotnet run -c Release --project bench/OpsConsole.Bench -- PROGRAM [--seconds 10] [--callers 32] …");
    foreach (var (name, entry) in programs) Console.WriteLine($"  {name,-8}{entry.What}");
    return args.Length == 0 ? 0 : 64;
}
return await program.Run(new Arguments(args[1..]));
