namespace OpsConsole.Tests.Architecture
{
    /// <summary>Who may import whom (docs/architecture.md), over the built assembly: signatures, attributes and method bodies.</summary>
    public sealed class ImportRulesTests
    {
        /// <summary>The table. A key is a layer; its value lists the layers it may refer to besides itself. Whoever is not listed as allowed is forbidden.</summary>
        private static readonly Dictionary<string, string[]> Allowed = new()
        {
            ["Core"] = [],
            ["Data"] = ["Core", "EF"],
            ["Platform"] = ["Core.Shared"],
            ["Platform.Outbox"] = ["Core.Shared", "Platform", "Data", "EF"],
            ["Ui"] = ["Core", "Platform"],
            ["Feature"] = ["Core", "Data", "EF", "Platform", "own Ui", "own Api", "door"],
            ["Feature.Ui"] = ["Core", "Platform", "Ui", "own root", "door", "widget"],
            ["Feature.Api"] = ["Core", "Platform", "own root", "door"],
            ["Integrations"] = ["Core", "Platform", "door"],
        };

        /// <summary>What of the outside world counts as the database.</summary>
        private static readonly string[] DatabaseAssemblies = ["Microsoft.EntityFrameworkCore", "Npgsql", "Microsoft.Data.Sqlite", "SQLitePCLRaw", "Microsoft.AspNetCore.Identity.EntityFrameworkCore"];

        /// <summary>Time and chance come into Core as arguments.</summary>
        private static readonly string[] ForbiddenInCore =
        [
            "System.DateTime::get_Now", "System.DateTime::get_UtcNow", "System.DateTime::get_Today", "System.DateTimeOffset::get_Now", "System.DateTimeOffset::get_UtcNow", "System.TimeProvider::get_System",
            "System.Random::", "System.Security.Cryptography.RandomNumberGenerator::", "System.Guid::NewGuid", "System.Guid::CreateVersion7", "System.Diagnostics.Stopwatch::", "System.Environment::get_TickCount", "System.Environment::get_TickCount64",
        ];

        /// <summary>Namespaces of System.* assemblies that are not rules either.</summary>
        private static readonly string[] ForbiddenNamespacesInCore = ["System.IO", "System.Net", "System.Threading.Tasks", "System.Diagnostics.Process", "System.Data"];

        private static readonly Lazy<IReadOnlyList<TypeSource>> Console = new(() => AssemblyReferences.Read(typeof(Program).Assembly.Location));

        [Fact]
        public void Types_OfTheConsole_ReferOnlyToWhatTheirFolderMay() => AssertNone(Violations(Console.Value));

        [Fact]
        public void Core_Refers_ToSystemAssembliesOnly() => AssertNone(CoreViolations(Console.Value));

        [Fact]
        public void Types_OfTheConsole_LiveInAKnownFolder() =>
            AssertNone(Console.Value.Where(t => t.Namespace.StartsWith("OpsConsole", StringComparison.Ordinal) && Layer(t.Namespace) == "?").Select(t => $"{t.Namespace}.{t.Name} is in no layer of the table"));

        [Fact]
        public void Read_RealAssembly_SeesAllOfIt()
        {
            Assert.Contains(Console.Value, t => t is { Namespace: "OpsConsole.Core.Decisions", Name: "DecisionRules" } && t.Types.Any(r => r.Name == "AuthorityTable"));
            Assert.Contains(Console.Value, t => t is { Namespace: "OpsConsole.Ui", Name: "App" });
        }

        // The checks check: types of this assembly that sit, by namespace, where they may not do what they do.
        [Theory]
        [InlineData("OpsConsole.Core.Synthetic", "BodyOnly", "Data")]
        [InlineData("OpsConsole.Core.Synthetic", "GenericArgument", "Data")]
        [InlineData("OpsConsole.Core.Synthetic", "Lambda", "Data")]
        [InlineData("OpsConsole.Features.Synthetic.Ui", "UsesDatabase", "EF")]
        [InlineData("OpsConsole.Platform.Synthetic", "UsesRules", "Core")]
        public void Violations_SyntheticOffender_IsCaught(string ns, string name, string layer)
        {
            var offenders = AssemblyReferences.Read(typeof(ImportRulesTests).Assembly.Location).Where(t => t.Namespace == ns && t.Name == name);
            // In this assembly the console is another assembly; seen from inside it would have no name.
            var seen = offenders.Select(t => t with { Types = t.Types.Select(r => r.Assembly == "OpsConsole" ? r with { Assembly = "" } : r).ToHashSet() }).ToList();
            Assert.Single(seen);
            Assert.Contains(Violations(seen), v => v.Contains($"({layer})", StringComparison.Ordinal));
        }

        [Theory]
        [InlineData("BodyOnly", "Microsoft.EntityFrameworkCore")]
        [InlineData("ReadsTheClock", "System.DateTime::get_UtcNow")]
        [InlineData("RollsDice", "System.Random::")]
        [InlineData("ReadsFiles", "System.IO")]
        public void CoreViolations_SyntheticOffender_IsCaught(string name, string what) =>
            Assert.Contains(CoreViolations(AssemblyReferences.Read(typeof(ImportRulesTests).Assembly.Location).Where(t => t.Namespace == "OpsConsole.Core.Synthetic" && t.Name == name)), v => v.Contains(what, StringComparison.Ordinal));

        [Theory]
        [InlineData("OpsConsole.Features.Agents.Api", "OpsConsole.Features.Access", true, null)]
        [InlineData("OpsConsole.Features.Agents.Api", "OpsConsole.Features.Access", false, "another feature's inside")]
        [InlineData("OpsConsole.Features.Agents.Api", "OpsConsole.Features.Access.Api", true, "another feature's inside")]
        [InlineData("OpsConsole.Features.Agents.Api", "OpsConsole.Features.Agents.Ui", true, "own Ui")]
        [InlineData("OpsConsole.Features.Agents.Ui", "OpsConsole.Features.Access.Ui", true, null)]
        [InlineData("OpsConsole.Features.Agents", "OpsConsole.Ui.Shared", true, "Ui")]
        [InlineData("OpsConsole.Ui.Layout", "OpsConsole.Features.Agents", true, "door")]
        [InlineData("OpsConsole.Data", "OpsConsole.Platform.Web", true, "Platform")]
        [InlineData("OpsConsole.Startup", "OpsConsole.Data", false, null)]
        [InlineData("OpsConsole.Startup", "OpsConsole.Integrations.Browser", false, null)]
        [InlineData("OpsConsole.Integrations.Browser", "OpsConsole.Features.Toolkit", true, null)]
        [InlineData("OpsConsole.Integrations.Browser", "OpsConsole.Features.Toolkit", false, "another feature's inside")]
        [InlineData("OpsConsole.Integrations.Browser", "OpsConsole.Features.Toolkit.Ui", true, "another feature's inside")]
        [InlineData("OpsConsole.Integrations.Browser", "OpsConsole.Ui.Shared", true, "Ui")]
        [InlineData("OpsConsole.Integrations.Browser", "OpsConsole.Data", true, "Data")]
        [InlineData("OpsConsole.Features.Toolkit", "OpsConsole.Integrations.Browser", true, "Integrations")]
        [InlineData("OpsConsole.Features.Toolkit.Ui", "OpsConsole.Integrations.Browser", true, "Integrations")]
        [InlineData("OpsConsole.Platform.Web", "OpsConsole.Integrations.Browser", true, "Integrations")]
        [InlineData("OpsConsole.Data", "OpsConsole.Integrations.Browser", true, "Integrations")]
        public void Forbidden_OneReference_IsJudgedByTheTable(string from, string to, bool isPublic, string? expected) =>
            Assert.Equal(expected, Forbidden(from, new TypeTarget("", to, "T", isPublic)));

        private static void AssertNone(IEnumerable<string> violations)
        {
            var list = violations.Distinct().Order(StringComparer.Ordinal).ToList();
            Assert.True(list.Count == 0, $"{list.Count} violations:{Environment.NewLine}{string.Join(Environment.NewLine, list)}");
        }

        private static IEnumerable<string> Violations(IEnumerable<TypeSource> types) =>
            from type in types
            from target in type.Types
            let layer = Forbidden(type.Namespace, target)
            where layer is not null
            select $"{type.Namespace}.{type.Name} may not refer to {target.Namespace}.{target.Name} ({layer})";

        private static IEnumerable<string> CoreViolations(IEnumerable<TypeSource> types)
        {
            foreach (var type in types.Where(t => Layer(t.Namespace) is "Core" or "Core.Shared"))
            {
                foreach (var target in type.Types)
                {
                    if (target.Assembly.Length > 0 && !target.Assembly.StartsWith("System.", StringComparison.Ordinal)) yield return $"{type.Namespace}.{type.Name} refers to the assembly {target.Assembly} ({target.Name})";
                    if (target.Assembly.Length > 0 && ForbiddenNamespacesInCore.Any(n => IsIn(target.Namespace, n))) yield return $"{type.Namespace}.{type.Name} refers to {target.Namespace}.{target.Name}";
                }
                foreach (var member in type.Members.Where(m => ForbiddenInCore.Any(f => f.EndsWith(':') ? m.StartsWith(f, StringComparison.Ordinal) : m == f)))
                    yield return $"{type.Namespace}.{type.Name} calls {member}";
            }
        }

        /// <summary>The forbidden layer that the target belongs to, as seen from a namespace; null when the reference is allowed.</summary>
        private static string? Forbidden(string from, TypeTarget target)
        {
            var layer = Layer(from);
            if (!Allowed.TryGetValue(layer == "Core.Shared" ? "Core" : layer, out var allowed)) return null;
            if (target.Assembly.Length > 0) return DatabaseAssemblies.Any(a => IsIn(target.Assembly, a)) && !allowed.Contains("EF") ? "EF" : null;
            if (!IsIn(target.Namespace, "OpsConsole")) return null;   // what the compiler makes: regular expressions, inline arrays
            var kind = Kind(from, layer, target);
            return kind == "self" || allowed.Contains(kind) || (kind == "Core.Shared" && allowed.Contains("Core")) ? null : kind;
        }

        private static string Kind(string from, string layer, TypeTarget target)
        {
            var there = Layer(target.Namespace);
            if (!there.StartsWith("Feature", StringComparison.Ordinal))
                return there == layer || (layer == "Core.Shared" && there == "Core") || (layer == "Core" && there == "Core.Shared") ? "self" : there;
            if (layer.StartsWith("Feature", StringComparison.Ordinal) && Feature(from) == Feature(target.Namespace))
                return there == layer ? "self" : there switch { "Feature.Ui" => "own Ui", "Feature.Api" => "own Api", _ => "own root" };
            if (!target.IsPublic) return "another feature's inside";
            return there == "Feature" ? "door" : there == "Feature.Ui" && layer == "Feature.Ui" ? "widget" : "another feature's inside";
        }

        private static string Feature(string ns) => ns.Split('.')[2];

        private static string Layer(string ns)
        {
            var parts = ns.Split('.');
            if (parts[0] != "OpsConsole") return "outside";
            if (parts.Length == 1) return "Startup";   // Program, and the imports of the razor files
            return parts[1] switch
            {
                "Core" => parts.Length > 2 && parts[2] == "Shared" ? "Core.Shared" : "Core",
                "Platform" => parts.Length > 2 && parts[2] == "Outbox" ? "Platform.Outbox" : "Platform",
                "Features" => parts.Length < 3 ? "?" : parts.Length == 3 ? "Feature" : parts[3] switch { "Ui" => "Feature.Ui", "Api" => "Feature.Api", _ => "Feature" },
                "Data" or "Ui" or "Integrations" or "Startup" => parts[1],
                _ => "?",
            };
        }

        private static bool IsIn(string ns, string root) => ns == root || ns.StartsWith(root + ".", StringComparison.Ordinal);
    }
}

#pragma warning disable CA1812, CA1823, CA1852, IDE0051 // nobody uses the offenders: they are read
namespace OpsConsole.Core.Synthetic
{
    internal static class BodyOnly
    {
        public static string Say() => new OpsConsole.Data.OpsUser().Name + typeof(Microsoft.EntityFrameworkCore.DbContext).Name;
    }

    internal static class GenericArgument
    {
        public static object Make() => new List<OpsConsole.Data.OpsUser>();
    }

    internal static class Lambda
    {
        public static Func<string> Make(int n) => () => new OpsConsole.Data.OpsUser().Name + n;
    }

    internal static class ReadsTheClock
    {
        public static long Now() => DateTime.UtcNow.Ticks;
    }

    internal static class RollsDice
    {
        public static int Roll() => Random.Shared.Next();
    }

    internal static class ReadsFiles
    {
        public static bool Look() => File.Exists("x");
    }
}

namespace OpsConsole.Features.Synthetic.Ui
{
    internal static class UsesDatabase
    {
        public static Type Look() => typeof(Microsoft.EntityFrameworkCore.DbContext);
    }
}

namespace OpsConsole.Platform.Synthetic
{
    internal static class UsesRules
    {
        public static string Look() => OpsConsole.Core.Decisions.CallDigest.ToWire([]);
    }
}
