using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace OpsConsole.Support;

/// <summary>bUnit asks for another version of AngleSharp.Diffing than there is; the one beside the tests does.</summary>
internal static class AngleSharpBootstrap
{
    [ModuleInitializer]
    internal static void Init() => AssemblyLoadContext.Default.Resolving += static (context, name) =>
        name.Name == "AngleSharp.Diffing"
            ? context.LoadFromAssemblyPath(Path.Combine(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!, "AngleSharp.Diffing.dll"))
            : null;
}
